import { type Check, clean, foundOr, inconclusive, type Outcome } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import {
  endOfUse,
  idleSpan,
  inUse,
  MARGIN,
  measureAnew,
  sayTimeout,
  secondLook,
  type Span,
  stepFor,
  type UsedSpan,
  waitingStep,
} from '../engine/lifetimes.ts';
import type { TimeControl } from '../time/control.ts';
import { sayDuration } from '../time/duration.ts';

export const check: Check = {
  id: 'absolute-timeout',
  title: 'A session that is used stays good for ever',
  severity: 'medium',
  requirements: [
    'ASVS-7.3.2',
    'NIST-2.2.3',
    'NIST-5.1-5',
    'NIST-5.1.1-4',
    'NIST-5.2',
    'SM-22',
    'WSTG-SESS-07',
    'CWE-613',
  ],
  needs: 'account',
  about: {
    what: 'Whether a session ends some time after the sign-in, however much it is used: after a day at the latest, half a day for the strictest level.',
    why: 'A thief who keeps a stolen session in use never meets a limit on idleness. Without another limit one stolen cookie is good until somebody notices.',
    decides:
      'The clock of the target is moved (`--start`), or time is waited for (`--patience`). First it is measured for how long a session lives that nobody uses; then one is used more often than that, with every cookie that the answers renew, until the limit and a minute more are over. Only a session that is good then is a finding. Where it ends before, a session a little younger that was used at the same moments has to be good still: that tells this limit from one on idleness. Where the target talks to a server whose clock stays, as Redis, or where only some of its clocks could be moved, a session that lives on proves nothing, and nothing is found. Without either option it is not judged.',
    fix: 'Keep the time of the sign-in with the session on the server, never move it, and refuse the session once it is too long ago: express-session, Django and PHP have no such setting, and need a time of their own in the session, compared at each request.',
  },
  async run(context) {
    const { time, timeouts } = context;
    if (!time) return inconclusive('not_configured', context.whyNoTime);
    context.note(time.says);
    context.note(sayTimeout(context.timeouts.absolute));
    const wanted = timeouts.absolute.seconds * 1_000 + MARGIN;
    if (time.kind === 'moved') return moved(context, time, wanted);
    if (time.atMost < wanted) {
      return inconclusive(
        'not_configured',
        `${sayDuration(wanted - MARGIN)} are allowed: start the target with --start, or wait with --patience ${Math.ceil(wanted / 3_600_000)}h`,
      );
    }
    const used = await inUse(context, time, { step: waitingStep(wanted), longest: wanted });
    return used.overAfter === undefined ? found(context, wanted) : ended(used, waitingStep(wanted));
  },
};

async function moved(context: CheckContext, time: TimeControl, wanted: number): Promise<Outcome> {
  const first = await watch(context, time, wanted);
  if (first.used.overAfter !== undefined) return ended(first.used, first.step);
  const again = await secondLook(context, time);
  if (typeof again !== 'boolean') return again;
  if (!again) return found(context, wanted);
  if (first.idle.overAfter === undefined) measureAnew(context);
  const second = await watch(context, time, wanted);
  return second.used.overAfter === undefined ? found(context, wanted) : ended(second.used, second.step);
}

async function watch(
  context: CheckContext,
  time: TimeControl,
  wanted: number,
): Promise<{ idle: Span; used: UsedSpan; step: number }> {
  const idle = await idleSpan(context, time, context.timeouts.idle.seconds * 1_000 + MARGIN);
  const step = Math.min(stepFor(idle), Math.floor(wanted / 2));
  return { idle, used: await inUse(context, time, { step, longest: wanted }), step };
}

function ended(used: UsedSpan, step: number): Outcome {
  const end = endOfUse(used, step);
  return end === 'by age'
    ? clean(
        `A session in use was good after ${sayDuration(used.goodAfter)}, and not after ${sayDuration(used.overAfter ?? 0)}.`,
      )
    : inconclusive(
        'control_failed',
        'the session in use ended together with a younger one that was used as often: its age was not what ended it',
      );
}

function found({ timeouts: { absolute } }: CheckContext, after: number): Outcome {
  return foundOr(
    [
      {
        subject: 'the session',
        severity: absolute.severity,
        summary: `A session in use was still good ${sayDuration(after)} after the sign-in; it has to be over after ${sayDuration(absolute.seconds * 1_000)} (${absolute.source}).`,
      },
    ],
    '',
  );
}
