/** The tests that a mutant has to survive: those of the decisions, without a server, a browser or a database file. */
import { defineConfig } from 'vitest/config';

const tests = 'packages/holdfast/test';
const TESTS = [
  'verdict',
  'change',
  'cookie',
  'cookie-edges',
  'cookie-options',
  'token',
  'sessions/changes-asked',
  'sessions/concurrency',
  'sessions/renewal',
  'sessions/reuse',
];

export default defineConfig({
  test: {
    root: process.cwd(),
    include: [...TESTS.map((name) => `${tests}/${name}.test.ts`), `${tests}/csrf/*.test.ts`],
    env: { HOLDFAST_STORES: 'memory' },
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
