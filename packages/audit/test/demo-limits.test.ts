import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { audit } from '../src/audit.ts';
import { checks } from '../src/checks/index.ts';
import { checksOf, TIMEOUTS } from '../src/profiles.ts';
import { readRecipe } from '../src/recipe/read.ts';
import { startTarget } from '../src/start/target.ts';
import { PASSWORD, USER } from './gallery/exhibit.ts';
import { freePort } from '../../holdfast/test/support/ports.ts';

const main = resolve(import.meta.dirname, '../../../apps/demo/dist/main.js');

test.concurrent.each([
  ['nothing', [], { 'idle-timeout': 'clean', 'absolute-timeout': 'clean' }],
  ['idle', ['idle-timeout'], { 'idle-timeout': 'found', 'absolute-timeout': 'clean' }],
  ['absolute', ['absolute-timeout'], { 'idle-timeout': 'clean', 'absolute-timeout': 'found' }],
])(
  'on the reference application without %s, started with a clock that moves, exactly that is found at asvs-l2',
  { timeout: 120_000 },
  async (name, expected, outcomes) => {
    const port = await freePort();
    const without = name === 'nothing' ? '' : `--without ${name}`;
    const target = new URL(`http://localhost:${port}/`);
    const demo = await startTarget({
      command: `'${process.execPath}' '${main}' ${without}`,
      target,
      env: { ...process.env, PORT: String(port), HOLDFAST_STORE: 'memory:', NODE_ENV: 'test' },
    });
    try {
      const report = await audit({
        target,
        account: { user: USER, password: PASSWORD },
        recipe: readRecipe(await readFile(join(import.meta.dirname, 'demo.recipe.yaml'), 'utf8')),
        checks: checksOf('asvs-l2', checks),
        timeouts: TIMEOUTS['asvs-l2'],
        allow: ['password-change', 'state-change'],
        ...(demo.time && { time: demo.time }),
      });
      expect(report.stopped).toBeUndefined();
      // With what they say, so that a failure tells its reason.
      const said = (id: string): string => {
        const { outcome, summary } = report.checks.find((check) => check.id === id) ?? {};
        return `${outcome}: ${summary}`;
      };
      for (const [id, outcome] of Object.entries(outcomes))
        expect(said(id)).toMatch(new RegExp(`^${outcome}: `));
      const found = report.checks.filter(({ outcome }) => outcome === 'found').map(({ id }) => id);
      expect(found).toEqual(expected);
      expect(report.requests).toBeLessThan(2_000);
      // Started anew with more of its clocks moved, what is missing is looked for a second time.
      expect(report.seconds).toBeLessThan(expected.length === 0 ? 60 : 120);
    } finally {
      await demo.stop();
    }
  },
);
