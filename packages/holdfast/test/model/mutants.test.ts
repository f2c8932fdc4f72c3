/** The model is worth what it notices: with any one rule broken, it has to fail. */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { leaveEvidence } from './evidence.ts';
import { mutants } from './mutants.ts';
import { honestStaySignedIn, invariantsHold } from './properties.ts';
import { runs } from './runs.ts';
import { type ChangeRule, type Rules, unbroken, type VerdictRule } from './rules.ts';

const broken = vi.hoisted<{ rules?: Rules }>(() => ({}));

vi.mock(import('../../src/verdict.ts'), async (original) => {
  const { verdict, ...rest } = await original();
  const judge: VerdictRule = (...args) => (broken.rules?.verdict(verdict) ?? verdict)(...args);
  return { ...rest, verdict: judge };
});

vi.mock(import('../../src/change.ts'), async (original) => {
  const { applyChange, ...rest } = await original();
  const apply: ChangeRule = (...args) => (broken.rules?.change(applyChange) ?? applyChange)(...args);
  return { ...rest, applyChange: apply };
});

afterEach(() => delete broken.rules);

const { seed } = runs;
const ATTEMPTS = [
  () => honestStaySignedIn({ seed, numRuns: 60, endOnFailure: true }),
  () => invariantsHold({ seed, numRuns: 2_000, endOnFailure: true }),
];

const ID = /\b[\w-]{21}[AQgw](?![\w-])/g;

/** What the model says: its first objection, and after how many worlds. */
async function objection(): Promise<{ readonly said: string; readonly after: number } | undefined> {
  for (const attempt of ATTEMPTS) {
    try {
      await attempt();
    } catch (error) {
      const after = Number(/after (\d+) tests/.exec(String(error))?.[1]);
      const { cause } = error as { cause?: unknown };
      const said = cause instanceof Error ? cause.message : String(error);
      return { said: said.replaceAll(ID, 'a session'), after };
    }
  }
  return undefined;
}

const table: { rule: string; said: string; after: number }[] = [];
afterAll(() => leaveEvidence('mutants', table));

test.each(mutants)('the model fails when $rule', async ({ rule, break: rules }) => {
  broken.rules = rules;
  const heard = await objection();
  expect(heard).toBeDefined();
  if (heard) table.push({ rule, ...heard });
}, 60_000);

test('the model has nothing to say while no rule is broken', async () => {
  broken.rules = unbroken;
  expect(await objection()).toBeUndefined();
}, 60_000);
