import { type Check, foundOr } from '../engine/check.ts';

export const check: Check = {
  id: 'static-token',
  title: 'Every sign-in gives the same token',
  severity: 'high',
  requirements: ['ASVS-7.2.2', 'ASVS-7.2.4', 'NIST-5.1', 'SM-4', 'WSTG-SESS-01', 'CWE-384', 'CWE-330'],
  needs: 'account',
  about: {
    what: 'Whether two sign-ins of the same person get different tokens.',
    why: 'A token that follows from the account, as a signed user name or an encoded password does, can never be taken back: whoever saw it once is signed in until the account itself changes.',
    decides: 'Two visitors sign in, one after the other, and what proves who they are is compared.',
    fix: 'Draw a new random token at each sign-in, and keep on the server which are good.',
  },
  async run(context) {
    const { proofs, observed } = context.signedIn;
    const other = await context.step('Somebody else signs in to the same account.', () =>
      context.signIn('another browser'),
    );
    const constant = proofs.sets.filter((set) =>
      set.every((key) => {
        const value = observed.proof.find((it) => it.key === key)?.value;
        return value !== undefined && other.proof.some((it) => it.key === key && it.value === value);
      }),
    );
    return foundOr(
      constant.map((set) => ({
        subject: set.join(', '),
        summary: `Two sign-ins got the same value: ${set.join(' with ')}.`,
      })),
      'Two sign-ins got different tokens.',
    );
  },
};
