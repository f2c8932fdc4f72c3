import type { Experiment } from '../experiment.ts';
import { ASVS_7_2_4, SM_14, SM_16 } from '../standards.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** As long as the real thing, and made by nobody's server. */
function invented(target: 'holdfast' | 'naive'): string {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');
  // The last letter of each part has to be one that the encoding can end in, or the forgery would be seen at once.
  if (target === 'naive') return letters(32);
  return [22, 16, 43].map((length) => `${letters(length - 1)}A`).join('.');
}

export const fixation: Experiment = {
  id: 'fixation',
  title: 'Fixation: a cookie chosen by the attacker',
  summary: 'The attacker gives you a cookie before you sign in, and waits. Are they signed in with you?',
  story:
    'Whoever can put a cookie into your browser (a sibling site, a shared computer, a hole somewhere) need not steal one: they plant their own, and let you sign in with it. First with a cookie that the server really gave to the attacker, then with one that the attacker has made up.',
  naive: 'The id stays the same when somebody signs in, and an id that nobody knows is taken as a new one.',
  requirements: [ASVS_7_2_4, SM_14, SM_16],
  cast: [
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
    { id: 'thief', label: 'Attacker' },
  ],
  verdicts: {
    held: 'The planted cookies are worth nothing after the sign-in.',
    fell: 'Ada signs in, and the attacker is signed in with her.',
  },
  async run({ target, ada, browser, program, copyCookie, plant, note }) {
    const attacker = program('thief');
    const victim = browser('browser');
    await attacker.post('/basket');
    copyCookie(attacker, victim, 'is given');
    await victim.post('/sign-in', ada);
    await attacker.get('/account', { attack: true });

    note('The same once more, with an id that no server has made');
    const forger = program('thief');
    const second = browser('browser');
    const forged = invented(target);
    plant(forged, 'forged id', forger, 'makes up a forged id');
    plant(forged, 'forged id', second, 'is given the forged id');
    await second.post('/sign-in', ada);
    await forger.get('/account', { attack: true });
  },
};
