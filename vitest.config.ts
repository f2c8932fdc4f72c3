import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
    // Starts no server of a database before a test asks for one.
    globalSetup: ['packages/holdfast/test/support/shared-setup.ts'],
    // Many tests wait for servers and browsers; one worker, the default on two cores, leaves half of the machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
