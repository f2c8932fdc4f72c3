import { type Check, clean, inconclusive } from '../engine/check.ts';

export const check: Check = {
  id: 'what-authenticates',
  title: 'What proves who one is',
  severity: 'info',
  requirements: ['WSTG-SESS-01', 'SM-18'],
  needs: 'account',
  about: {
    what: 'Which cookies and tokens a site really goes by, among all that it hands out.',
    why: 'Names mislead: a cookie called “session” may be for statistics, and the one that signs you in may be called “x”. Everything else that is tested here is tested on what was found.',
    decides:
      'After a sign-in, each cookie and token is sent alone, together with others, and left out, to a page that looks different to who is signed in. The smallest sets that still open it are the proof.',
    fix: 'Nothing needs to be fixed. Where several cookies are each enough alone, every one of them has to end at sign-out.',
  },
  async run({ signedIn }) {
    const { proofs } = signedIn;
    if (!proofs.isProven) return inconclusive('control_failed', `this could not be found out: ${proofs.why}`);
    const sets = proofs.sets.map((set) => set.join(' with ')).join('; or ');
    const idle = proofs.idle.length === 0 ? '' : ` These prove nothing: ${proofs.idle.join(', ')}.`;
    return clean(`Enough to be signed in: ${sets}.${idle}`);
  },
};
