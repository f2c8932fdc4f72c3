import { type Check, foundOr } from '../engine/check.ts';
import type { Session } from '../engine/context.ts';

/** And a little, since clocks are read at different moments. */
const A_SECOND = 1_100;

export const check: Check = {
  id: 'static-token',
  title: 'Every sign-in gives the same token',
  severity: 'high',
  requirements: ['ASVS-7.2.2', 'ASVS-7.2.4', 'NIST-5.1', 'SM-4', 'WSTG-SESS-01', 'CWE-384', 'CWE-330'],
  needs: 'account',
  about: {
    what: 'Whether two sign-ins of the same person get different tokens.',
    why: 'A token that follows from the account, as a signed user name or an encoded password does, can never be taken back: whoever saw it once is signed in until the account itself changes.',
    decides:
      'Two visitors sign in, one after the other, and what proves who they are is compared; where it is the same, once more a second later.',
    fix: 'Draw a new random token at each sign-in, and keep on the server which are good.',
  },
  async run(context) {
    const { proofs, observed } = context.signedIn;
    let constant = proofs.sets;
    for (const [index, who] of [
      'Somebody else signs in',
      'A third browser signs in, a second later,',
    ].entries()) {
      // A signed cookie may differ by the second of the sign-in alone, and that is enough to make it another.
      if (index > 0) await context.site.clock.sleep(A_SECOND);
      const other = await context.step(`${who} to the same account.`, () =>
        context.signIn('another browser'),
      );
      constant = constant.filter((set) => set.every((key) => isSame(key, observed, other)));
      if (constant.length === 0) break;
    }
    return foundOr(
      constant.map((set) => ({
        subject: set.join(', '),
        summary: `Several sign-ins got the same value: ${set.join(' with ')}.`,
      })),
      'Two sign-ins got different tokens.',
    );
  },
};

function isSame(key: string, one: Session, other: Session): boolean {
  const value = one.proof.find((it) => it.key === key)?.value;
  return value !== undefined && other.proof.some((it) => it.key === key && it.value === value);
}
