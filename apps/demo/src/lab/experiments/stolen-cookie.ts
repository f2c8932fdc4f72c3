import type { Experiment } from '../experiment.ts';
import { ASVS_7_4_1, NIST_5_1 } from '../standards.ts';

export const stolenCookie: Experiment = {
  id: 'stolen-cookie',
  title: 'A stolen cookie, after signing out',
  summary: 'Somebody has copied your cookie. You sign out. Does the copy still open your account?',
  story:
    'A cookie can be copied: by malware, from a backup, from a shared computer. Ada notices nothing, but she signs out when she is done. From then on the copy should be worthless.',
  naive:
    'Signing out deletes the cookie in the browser, and nothing on the server. The copy knows nothing of that.',
  requirements: [ASVS_7_4_1, NIST_5_1],
  cast: [
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
    { id: 'thief', label: 'Thief' },
  ],
  verdicts: {
    held: 'The stolen cookie opens nothing.',
    fell: 'The stolen cookie still opens the account.',
  },
  async run({ ada, browser, program, copyCookie }) {
    const owner = browser('browser');
    const thief = program('thief');
    await owner.post('/sign-in', ada);
    await owner.get('/account');
    copyCookie(owner, thief);
    await owner.post('/sign-out');
    await thief.get('/account', { attack: true });
    await thief.post('/email', { email: 'mallory@evil.test' }, { attack: true });
  },
};
