import { beforeEach, expect, test, vi } from 'vitest';
import { leaveEvidence } from './evidence.ts';
import { honestStaySignedIn, invariantsHold } from './properties.ts';
import { runs } from './runs.ts';
import type { ChangeRule, VerdictRule } from './rules.ts';
import { LONG } from '../support/long.ts';

const counts = vi.hoisted(() => new Map<string, number>());

function count(name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

vi.mock(import('../../src/verdict.ts'), async (original) => {
  const { verdict, ...rest } = await original();
  const counted: VerdictRule = (...args) => {
    const judged = verdict(...args);
    count(judged.kind);
    return judged;
  };
  return { ...rest, verdict: counted };
});

vi.mock(import('../../src/change.ts'), async (original) => {
  const { applyChange, ...rest } = await original();
  const counted: ChangeRule = (...args) => {
    const result = applyChange(...args);
    count(result.applied.status);
    return result;
  };
  return { ...rest, applyChange: counted };
});

function tell(property: string): void {
  const counted = Object.fromEntries(counts);
  leaveEvidence(property, { ...runs, counted });
  if (LONG) console.log(`${property}: ${runs.numRuns} worlds, seed ${runs.seed}:`, counted);
}

beforeEach(() => counts.clear());

const VISITED = [
  'unknown',
  'ended',
  'expired',
  'locked',
  'valid',
  'pending',
  'superseded',
  'reused',
  'applied',
  'gone',
  'stale',
  'conflict',
];

test(
  'the invariants hold in every world (invariants 1 to 10)',
  async () => {
    await invariantsHold(runs);
    tell('invariants');
    // A model that never comes to a rule says nothing about it.
    expect([...counts.keys()].toSorted()).toEqual(VISITED.toSorted());
  },
  runs.numRuns * 60,
);

test(
  'nobody honest is signed out by tabs, renewals, and answers that are late or lost',
  async () => {
    await honestStaySignedIn(runs);
    tell('honest');
    expect(counts.get('pending')).toBeGreaterThan(0);
    expect(counts.get('reused')).toBeUndefined();
  },
  runs.numRuns * 60,
);
