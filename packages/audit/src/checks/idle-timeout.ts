import { type Check, clean, foundOr, inconclusive, type Outcome } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import {
  endOfUse,
  idleSpan,
  inUse,
  longestWait,
  MARGIN,
  measureAnew,
  sayTimeout,
  secondLook,
  stepFor,
  waitBoth,
} from '../engine/lifetimes.ts';
import type { TimeControl } from '../time/control.ts';
import { sayDuration } from '../time/duration.ts';

export const check: Check = {
  id: 'idle-timeout',
  title: 'A session that nobody uses stays good',
  severity: 'medium',
  requirements: [
    'ASVS-7.3.1',
    'NIST-2.2.3',
    'NIST-5.1-5',
    'NIST-5.1.1-4',
    'NIST-5.2',
    'SM-21',
    'WSTG-SESS-07',
    'CWE-613',
  ],
  needs: 'account',
  about: {
    what: 'Whether the server ends a session that has not been used for a while: an hour at the latest, half an hour for the strictest level.',
    why: 'People walk away from a machine without signing out. Who sits down there next, or has a copy of the cookie from a log or a backup, finds the session as it was left. A cookie that the browser throws away ends nothing: the copy still works.',
    decides:
      'The clock of the target is moved (`--start`), or time is waited for (`--patience`). Somebody signs in and sends nothing until the limit and a minute more are over; then the session is replayed, whatever its cookie said of its end. Only a session that is good then is a finding. That the clock was moved is read from the Date of the answers, a session that was left alone for a minute has to be good still, and a session that was in use for as long tells this limit from an absolute one. Where the target talks to a server whose clock stays, as Redis, or where only some of its clocks could be moved, a session that lives on proves nothing, and nothing is found. Without either option it is not judged.',
    fix: 'Keep the time of the last use with the session on the server, and refuse what is older: `rolling: true` with `cookie.maxAge` in express-session, `SESSION_COOKIE_AGE` with `SESSION_SAVE_EVERY_REQUEST` in Django, a time of your own in `$_SESSION` in PHP (`session.gc_maxlifetime` only cleans up), `session-timeout` in Java servlets.',
  },
  async run(context) {
    const { time } = context;
    if (!time) return inconclusive('not_configured', context.whyNoTime);
    context.note(time.says);
    context.note(sayTimeout(context.timeouts.idle));
    return time.kind === 'moved' ? moved(context, time) : waited(context, time);
  },
};

async function moved(context: CheckContext, time: TimeControl): Promise<Outcome> {
  const longest = context.timeouts.idle.seconds * 1_000 + MARGIN;
  let span = await idleSpan(context, time, longest);
  if (span.overAfter === undefined) {
    const again = await secondLook(context, time);
    if (typeof again !== 'boolean') return again;
    if (again) {
      measureAnew(context);
      span = await idleSpan(context, time, longest);
    }
  }
  if (span.overAfter === undefined) return found(context, longest);
  const used = await inUse(context, time, { step: stepFor(span), longest: span.overAfter });
  const ends = `A session that nobody used was good after ${sayDuration(span.goodAfter)}, and not after ${sayDuration(span.overAfter)}`;
  return clean(
    used.overAfter === undefined
      ? `${ends}; one in use lived on.`
      : `${ends}; one in use was over by then too, so it is an absolute limit that ends both.`,
  );
}

async function waited(context: CheckContext, time: TimeControl): Promise<Outcome> {
  const wanted = context.timeouts.idle.seconds * 1_000 + MARGIN;
  const { left, leftFor, used } = await waitBoth(context, time, wanted);
  if (left === 'in') {
    if (leftFor >= wanted) return found(context, leftFor);
    return inconclusive(
      'not_configured',
      `a session that nobody used was good after ${sayDuration(leftFor)}; ${sayDuration(wanted - MARGIN)} are allowed, so wait longer: --patience ${Math.ceil(longestWait(wanted) / 60_000)}m`,
    );
  }
  if (used.overAfter !== undefined && endOfUse(used, leftFor) === 'unclear') {
    return inconclusive(
      'control_failed',
      'every session was over at the same moment, used or not: it was not its age or its rest that ended it',
    );
  }
  const ends = `A session that nobody used was over after ${sayDuration(leftFor)}`;
  return clean(
    used.overAfter === undefined
      ? `${ends}; one in use lived on.`
      : `${ends}; one in use was over ${sayDuration(used.overAfter)} after its sign-in.`,
  );
}

function found({ timeouts: { idle } }: CheckContext, after: number): Outcome {
  return foundOr(
    [
      {
        subject: 'the session',
        severity: idle.severity,
        summary: `A session that nobody had used for ${sayDuration(after)} was still good; it has to be over after ${sayDuration(idle.seconds * 1_000)} (${idle.source}).`,
      },
    ],
    '',
  );
}
