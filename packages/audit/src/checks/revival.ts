import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import type { CheckContext, Session } from '../engine/context.ts';
import { newMark } from '../engine/state.ts';
import { isAuditError } from '../errors.ts';
import { playSteps } from '../recipe/play.ts';

/** Long enough for the server to have read the session, short enough for an answer that takes half a second. */
const HEAD_START = 250;

export const check: Check = {
  id: 'revival',
  title: 'A slow request brings the session back after the sign-out',
  severity: 'high',
  requirements: ['ASVS-7.4.1', 'NIST-5.1-3', 'WSTG-SESS-06', 'CWE-362', 'CWE-613'],
  needs: 'account',
  about: {
    what: 'Whether a request that began before the sign-out and ends after it makes the session good again.',
    why: 'Many servers read the whole session when a request begins and write it back when it ends. An upload, a slow report, a tab that polls: if the user signs out meanwhile, the late write brings the session back. Nobody sees it, and the sign-out was for nothing.',
    decides:
      'A request is sent without its body, so that the server has to wait. Meanwhile the user signs out, and it is seen that the session is gone. Then the body is sent, and when the answer is there the session is looked at again. The same with the request that the recipe names (changeState). A proxy that waits for the whole body before it passes a request on can not be seen from outside: behind one, the slow form begins for the site only when it ends, and the result may be clean where a late write does bring the session back. A request of the recipe that is slow by itself shows it all the same.',
    fix: 'Write what has changed and nothing else, and only if the session still exists: an update, never an insert. With express-session, `resave: false` makes it rarer and does not prevent it.',
  },
  async run(context) {
    const signOut = context.outcomeOf('sign-out-replay');
    if (signOut === 'found') {
      return inconclusive('covered', 'the sign-out does not end the session by itself: see sign-out-replay');
    }
    if (signOut !== 'clean') {
      return inconclusive(
        'not_configured',
        'it is not known whether a sign-out ends the session: see sign-out-replay',
      );
    }
    const findings: Finding[] = [];
    let overlapped = 0;
    for (const [subject, start] of ways(context)) {
      const outcome = await attempt(context, subject, start);
      if (outcome === 'no overlap') continue;
      overlapped++;
      if (outcome === 'revived') {
        findings.push({
          subject,
          summary: `After the sign-out, the end of an earlier request (${subject}) made the session good again.`,
        });
        break;
      }
    }
    if (overlapped === 0)
      return inconclusive(
        'control_failed',
        'no request could be made to last longer than the sign-out; a recipe can name one that does (changeState)',
      );
    return foundOr(findings, 'Requests that ended after the sign-out brought nothing back.');
  },
};

type Start = (session: Session, hold: Promise<void>) => Promise<unknown>;

function ways({ recipe, test, site }: CheckContext): [string, Start][] {
  const all: [string, Start][] = [
    [
      'a form that arrives slowly',
      ({ visitor }, hold) =>
        visitor.send('POST', test.page, {
          headers: [['Content-Type', 'application/x-www-form-urlencoded']],
          body: 'slow=1',
          hold,
          from: test.page,
        }),
    ],
  ];
  const steps = recipe.changeState;
  if (steps) {
    all.push([
      'the request of the recipe, which arrives slowly',
      ({ visitor }, hold) => playSteps(site, visitor, steps, { mark: newMark() }, hold),
    ]);
    all.push([
      'the request of the recipe',
      ({ visitor }) => playSteps(site, visitor, steps, { mark: newMark() }),
    ]);
  }
  return all;
}

async function attempt(
  context: CheckContext,
  subject: string,
  start: Start,
): Promise<'revived' | 'gone' | 'no overlap'> {
  const { gate } = context.signedIn;
  const session = await context.step('Somebody signs in.', () => context.signIn('signed in'));
  const { proof } = session;
  // The request goes its own way: what it is answered must not change what the other tab holds.
  const tab = { ...session, visitor: context.site.visitor('another tab', session.visitor.jar.clone()) };
  tab.visitor.bearer = session.visitor.bearer;
  const body = gateOf();
  let isOver = false;
  const request = start(tab, body.opened)
    .catch((error: unknown) => {
      if (!isAuditError(error)) throw error;
    })
    .finally(() => {
      isOver = true;
    });
  try {
    await context.site.clock.sleep(HEAD_START);
    const isGone = await context.step(
      `While a request is on its way (${subject}), the user signs out.`,
      async () => {
        await gate.signOut(session.visitor);
        return (await context.judge(proof, 'the thief')) === 'out';
      },
    );
    const overlaps = isGone && !isOver;
    return await context.step('The request ends, and the session is replayed.', async () => {
      body.open();
      await request;
      if (!overlaps) return 'no overlap';
      return (await context.judge(proof, 'the thief')) === 'in' ? 'revived' : 'gone';
    });
  } finally {
    body.open();
    await request;
  }
}

function gateOf(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open: () => open() };
}
