import type { Experiment } from '../experiment.ts';
import { ASVS_7_4_1, NIST_5_1, RFC9700_4_14_2 } from '../standards.ts';

export const oldCookie: Experiment = {
  id: 'old-cookie',
  title: 'An old cookie: late, or stolen?',
  summary: 'A replaced cookie comes back. From your own slow tab, or from a thief?',
  story:
    'A thief has copied Ada’s cookie, and keeps it for later. Holdfast replaces the secret in it every quarter of an hour. Then the old one comes back three times: at once from a tab that was slow, long afterwards from the same browser, and at last from the thief. A late request is no theft, so each is answered by its circumstances.',
  naive:
    'The cookie is never replaced, so that there is no old one: a copy is as good as the original for as long as there is a session.',
  requirements: [RFC9700_4_14_2, NIST_5_1, ASVS_7_4_1],
  cast: [
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
    { id: 'thief', label: 'Thief' },
  ],
  verdicts: {
    held: 'The late tab is served, the thief is not, and the theft ends the session.',
    fell: 'The thief’s copy works for as long as Ada is signed in.',
  },
  async run({ ada, browser, program, copyCookie, later, note }) {
    const owner = browser('browser');
    const slow = browser('browser');
    const thief = program('thief');
    await owner.post('/sign-in', ada);
    slow.sameBrowserAs(owner);
    copyCookie(owner, thief);
    later(16);
    await owner.get('/account');
    await owner.get('/account');
    note('a request that was sent earlier arrives only now', 'browser');
    await slow.get('/account');
    later(5);
    note('the old cookie again, much too late', 'browser');
    await slow.get('/account', { mayFail: true });
    await owner.get('/account');
    later(2);
    await thief.get('/account', { attack: true });
    await owner.get('/account', { mayFail: true });
    await owner.post('/sign-in', ada);
    await thief.get('/account', { attack: true });
  },
};
