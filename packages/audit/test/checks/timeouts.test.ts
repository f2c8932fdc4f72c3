import { describe, expect, test, vi } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { TIMEOUTS } from '../../src/profiles.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { waitingTime } from '../../src/time/control.ts';
import { HandClock, movedBy, timesOf, type Told } from '../support/times.ts';

// A day is hundreds of requests.
vi.setConfig({ testTimeout: 30_000 });

const MINUTE = 60;
const HOUR = 3_600;

describe('with a clock that can be moved', () => {
  const rows: readonly (readonly [string, Told, RegExp, RegExp])[] = [
    [
      'both limits',
      { idle: 30 * MINUTE, absolute: 8 * HOUR },
      /clean: .*good after (?:2\d|30) minutes.*one in use lived on/,
      /clean: .*good after 7 hours .*not after 8 hours/,
    ],
    [
      'exactly the limits that are allowed',
      { idle: HOUR, absolute: 24 * HOUR },
      /clean: .*not after (?:60|61) minutes/,
      /clean: .*not after 24 hours/,
    ],
    [
      'a few minutes more than allowed',
      { idle: 64 * MINUTE, absolute: 24.2 * HOUR },
      /found: .*61 minutes was still good/,
      /found: .*24 hours and 1 minute after/,
    ],
    ['no limit', {}, /found/, /found/],
    ['no limit on idleness', { absolute: 8 * HOUR }, /found/, /clean/],
    ['no absolute limit', { idle: 10 * MINUTE }, /clean/, /found/],
    [
      'an absolute limit so short that nothing is ever idle for long',
      { absolute: 20 * MINUTE },
      /clean: .*an absolute limit that ends both/,
      /clean: .*not after \d+ minutes/,
    ],
    [
      'one session for each account',
      { oneSession: true, idle: 30 * MINUTE, absolute: 8 * HOUR },
      /clean/,
      /clean/,
    ],
    ['one session for each account, and no limit', { oneSession: true }, /found/, /found/],
    [
      'a clock that did not move, as its Date shows',
      { datesStand: true, now: () => 0, idle: 30 * MINUTE },
      /control_failed: .*its clock was moved/,
      /control_failed: .*its clock was moved/,
    ],
    [
      'sessions that are lost as soon as the clock is moved',
      { idle: 30 },
      /control_failed: .*left alone for 60 seconds/,
      /control_failed: .*left alone for 60 seconds/,
    ],
  ];

  test.each(rows)('a site with %s', async (_, told, idle, absolute) => {
    const clock = new HandClock();
    const seen = await timesOf(told, clock, { time: movedBy(clock) });
    expect(said(seen.idle)).toMatch(idle);
    expect(said(seen.absolute)).toMatch(absolute);
  });

  test('the strictest level has limits of its own, and thinks worse of who exceeds them', async () => {
    const clock = new HandClock();
    const limits = { idle: 40 * MINUTE, absolute: 20 * HOUR };
    const seen = await timesOf(limits, clock, {
      time: movedBy(clock),
      timeouts: TIMEOUTS['asvs-l3'],
    });
    expect([seen.idle, seen.absolute].map((it) => [it.outcome, it.severity])).toEqual([
      ['found', 'high'],
      ['found', 'high'],
    ]);
  });

  test('a site is held to what its recipe says, be that less or more than the profile asks for', async () => {
    const clock = new HandClock();
    const seen = await timesOf({ idle: 40 * MINUTE, absolute: 30 * HOUR }, clock, {
      time: movedBy(clock),
      recipe: readRecipe('timeouts: { idle: 30m, absolute: 36h }'),
    });
    expect(said(seen.idle)).toMatch(/found: .*over after 30 minutes \(the recipe\)/);
    expect(said(seen.absolute)).toMatch(/clean: .*not after 3\d hours/);
    expect(seen.absolute.evidence.steps.map(({ says }) => says)).toContainEqual(
      expect.stringMatching(
        /after 36 hours: so says the recipe, which allows more than the 24 hours of NIST/,
      ),
    );
  });

  test('what a recipe does not say is left to the profile', async () => {
    const clock = new HandClock();
    const seen = await timesOf({ idle: 40 * MINUTE, absolute: 20 * HOUR }, clock, {
      time: movedBy(clock),
      timeouts: TIMEOUTS['asvs-l3'],
      recipe: readRecipe('timeouts: { idle: 45m }'),
    });
    expect([seen.idle.outcome, seen.absolute.outcome]).toEqual(['clean', 'found']);
  });

  test('where the target talks to a server whose clock stays, a session that lives on proves nothing', async () => {
    const clock = new HandClock();
    const time = movedBy(clock, { foreignClocks: async () => ['a server on port 6379'] });
    const seen = await timesOf({ idle: 30 * MINUTE }, clock, { time });
    expect(seen.idle.outcome).toBe('clean');
    expect(said(seen.absolute)).toMatch(/control_failed: .*port 6379.*--patience/);
  });

  test('a site that can not be started a second time is not judged by the first', async () => {
    const clock = new HandClock();
    const moveMore = (): never => {
      throw new AuditError('unreachable', '--start: it ended with exit code 1. It said:\n  the table exists');
    };
    const seen = await timesOf({ idle: 30 * MINUTE }, clock, { time: movedBy(clock, { moveMore }) });
    expect(said(seen.absolute)).toMatch(/control_failed: .*a second time.*exit code 1/);
    expect(said(seen.absolute)).not.toContain('table');
  });

  test('a site whose limits go by a clock that is moved at the second try only has them', async () => {
    const clock = new HandClock();
    let movesAll = false;
    let other = 0;
    const time = movedBy(clock, {
      pass: (ms) => {
        if (movesAll) other += ms;
        return clock.sleep(ms);
      },
      moveMore: async () => {
        const isMore = !movesAll;
        movesAll = true;
        return isMore;
      },
    });
    const seen = await timesOf({ idle: 30 * MINUTE, absolute: 8 * HOUR, now: () => other }, clock, { time });
    expect([seen.idle.outcome, seen.absolute.outcome]).toEqual(['clean', 'clean']);
    expect(seen.idle.evidence.steps.map(({ says }) => says).join('\n')).toContain('started anew');
  });
});

describe('with patience', () => {
  const waiting = (told: Told, patience: number): ReturnType<typeof timesOf> => {
    const clock = new HandClock();
    return timesOf(told, clock, { time: waitingTime(clock, patience * 1_000) });
  };

  test('enough of it, both limits are seen to hold', async () => {
    const { idle, absolute } = await waiting({ idle: 30 * MINUTE, absolute: 8 * HOUR }, 25 * HOUR);
    expect(said(idle)).toMatch(/clean: .*over after 61 minutes; one in use lived on/);
    expect(said(absolute)).toMatch(/clean: .*7 hours/);
  });

  test('enough of it, both are seen to be missing', async () => {
    const { idle, absolute } = await waiting({}, 25 * HOUR);
    expect([idle.outcome, absolute.outcome]).toEqual(['found', 'found']);
  });

  test('a little of it shows a limit that is shorter, and says how much more it takes for another', async () => {
    const short = await waiting({ idle: 15 * MINUTE }, 20 * MINUTE);
    expect(said(short.idle)).toMatch(/clean: .*over after 19 minutes; one in use lived on/);
    expect(said(short.absolute)).toMatch(/not_configured: .*--patience 25h/);
    const long = await waiting({ idle: 30 * MINUTE }, 20 * MINUTE);
    expect(said(long.idle)).toMatch(/not_configured: .*good after 19 minutes.*--patience 62m/);
  });

  test('a site that loses all sessions while it is waited for has shown no limit', async () => {
    const { idle } = await waiting({ losesAllAfter: 10 * MINUTE }, 20 * MINUTE);
    expect(said(idle)).toMatch(/control_failed: .*at the same moment/);
  });

  test('a site with one session for each account can not be watched in two of them', async () => {
    const { idle } = await waiting({ oneSession: true, idle: 15 * MINUTE }, 20 * MINUTE);
    expect(said(idle)).toMatch(/control_failed/);
  });
});

test('with neither, nothing is judged, and it is said what would help', async () => {
  const seen = await timesOf({}, new HandClock(), {});
  expect(said(seen.idle)).toMatch(/not_configured: .*--start.*--patience/);
  const missing = await timesOf({}, new HandClock(), { whyNoTime: 'libfaketime was not found: install it' });
  expect(said(missing.absolute)).toBe('not_configured: libfaketime was not found: install it');
});

function said({ outcome, because, summary }: { outcome: string; because?: string; summary: string }): string {
  return `${because ?? outcome}: ${summary}`;
}
