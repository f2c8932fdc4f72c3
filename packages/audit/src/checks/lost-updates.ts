import { type Check, clean, inconclusive } from '../engine/check.ts';
import type { Session } from '../engine/context.ts';
import { seeState, type State } from '../engine/state.ts';
import { isAuditError } from '../errors.ts';

const AT_ONCE = 5;
/** By turns held back until all have begun, and simply sent at once: servers differ in when they read a session. */
const TRIES = 4;
/** Long enough for the server to have read the session for each. */
const HEAD_START = 150;

export const check: Check = {
  id: 'lost-updates',
  title: 'Requests at the same time lose what one of them wrote',
  severity: 'medium',
  requirements: ['ASVS-15.4.1', 'CWE-362', 'CWE-367'],
  needs: 'account',
  changes: 'state-change',
  about: {
    what: 'Whether all that is written takes effect where several requests of one session write at the same time.',
    why: 'Browsers send requests side by side: two tabs, a page and its script, a double click. A server that reads the whole session when a request begins and writes it back when it ends keeps the last of them and forgets the others. A basket loses an item, a count of failed attempts stays low, a consent or a warning vanishes, and nobody can repeat it.',
    decides:
      'The request that the recipe names (changeState) is made twice, one after the other, to see how a page shows what it did: a text of its own (`${mark}`), or a number that rises each time. Then five are made at once in one browser, four times, twice with bodies that are held back until all have begun. Those that the site accepted are counted on the page. At the end one more, alone, has to count as well: a limit that was reached is no loss. A site that refuses one of them, with 409 as an example, has lost nothing.',
    fix: 'Store what has changed, key by key, and not the whole session; let the store add, or compare a version and repeat. Where a framework writes sessions whole, keep what must not be lost in the database, or let one request of a session wait for the other, as PHP does by itself.',
  },
  async run(context) {
    const seen = await seeState(context);
    if (seen.whyNot) return seen.whyNot;
    const { session, state } = seen;
    if (!state.adds) {
      return inconclusive('not_applicable', 'each change overwrites the one before, so none can be lost');
    }
    let made = 0;
    let lost = 0;
    for (let attempt = 0; attempt < TRIES && lost === 0; attempt++) {
      const isHeld = attempt % 2 === 0;
      const how = isHeld ? 'each held back until all have begun' : 'sent at once';
      const accepted = await context.step(`${AT_ONCE} changes are made at the same time, ${how}.`, () =>
        together(state, session, isHeld, (ms) => context.site.clock.sleep(ms)),
      );
      made += accepted.count;
      const count = await context.step('What they did is counted.', async () => {
        const { count: now } = await state.read(session.visitor.holdings(), session.visitor.name);
        return now;
      });
      lost = Math.max(0, accepted.before + accepted.count - count);
    }
    context.control('positive', `the site accepted changes that were made at once (${made})`, made >= 2);
    await context.step('One more change is made, alone.', async () => {
      const { count: before } = await state.read(session.visitor.holdings(), session.visitor.name);
      await state.change(session.visitor);
      const { count: after } = await state.read(session.visitor.holdings(), session.visitor.name);
      context.control('positive', 'a change that is made alone takes effect', after === before + 1);
    });
    if (lost === 0) return clean(`Of ${made} changes that were made at the same time, none was lost.`);
    return {
      outcome: 'found',
      findings: [
        {
          subject: 'changes of one session',
          summary: `Of ${AT_ONCE} changes that were made at the same time and accepted, ${lost} ${lost === 1 ? 'was' : 'were'} lost.`,
        },
      ],
    };
  },
};

/** One browser, whose tabs share their cookies: a cookie that an answer sets is what the next request sends. */
async function together(
  state: State,
  { visitor }: Session,
  isHeld: boolean,
  sleep: (ms: number) => Promise<void>,
): Promise<{ before: number; count: number }> {
  const { count: before } = await state.read(visitor.holdings(), visitor.name);
  let open = (): void => undefined;
  const hold = new Promise<void>((done) => {
    open = done;
  });
  const changes = Array.from({ length: AT_ONCE }, () =>
    state.change(visitor, isHeld ? hold : undefined).catch((error: unknown) => {
      // One that was not answered may have taken effect or not: it is not counted.
      if (!isAuditError(error)) throw error;
      return false;
    }),
  );
  try {
    if (isHeld) await sleep(HEAD_START);
  } finally {
    open();
  }
  const taken = await Promise.all(changes);
  return { before, count: taken.filter(Boolean).length };
}
