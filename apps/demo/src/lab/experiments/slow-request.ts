import type { Experiment } from '../experiment.ts';
import { ASVS_7_4_1, INVARIANT_8, NIST_5_1 } from '../standards.ts';

export const slowRequest: Experiment = {
  id: 'slow-request',
  title: 'The slow request that revived a session',
  summary:
    'One request is still running while you sign out. Does it bring your session back when it finishes?',
  story:
    'Ada saves something in one tab, and it takes long: an upload, a slow query. Meanwhile she signs out in another tab, and the server deletes her session. Then the slow request finishes, and writes what it has changed.',
  naive:
    'This one deletes the record when its user signs out, as the better ones do. But each request reads the whole record at its start and writes it back at its end. We measured six common set-ups for Node in 2026: in all six the slow request brings the session back.',
  requirements: [ASVS_7_4_1, NIST_5_1, INVARIANT_8],
  naiveSignOut: 'deletes the record',
  cast: [
    { id: 'browser', label: 'Slow tab' },
    { id: 'server', label: 'Server' },
    { id: 'tab', label: 'Other tab' },
  ],
  verdicts: {
    held: 'The slow request is refused, and the session stays ended.',
    fell: 'The slow request brings the session back, signed in.',
  },
  async run({ ada, browser, copyCookie, note, during }) {
    const slow = browser('browser');
    const other = browser('tab');
    const copy = browser('tab');
    await slow.post('/sign-in', ada);
    other.sameBrowserAs(slow);
    copyCookie(slow, copy, 'someone keeps a copy of');
    await during(
      (onSent) => slow.post('/settings?slow', { name: 'colour', value: 'green' }, { attack: true, onSent }),
      async () => {
        note('has read the session, and works', 'server');
        await other.post('/sign-out');
        await copy.get('/account', { attack: true });
        note('the slow request finishes', 'server');
      },
    );
    await copy.get('/account', { attack: true });
  },
};
