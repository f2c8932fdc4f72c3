import type { Experiment, Scene } from '../experiment.ts';
import { ASVS_7_2_3, SM_26 } from '../standards.ts';

const GUESSES = 12;

/** What the attacker tries, knowing their own cookie: for the naive shop the numbers before it, for Holdfast its parts put together anew. */
function guesses(target: Scene['target'], own: string, victimsId: string): string[] {
  if (target === 'naive') return Array.from({ length: GUESSES }, (_, i) => String(Number(own) - GUESSES + i));
  const [id = '', lineage = '', secret = ''] = own.split('.');
  // Turned around they are as long and as random as the real ones; the last letter is one that the encoding can end in.
  const turned = (part: string, by: number): string => `${part.slice(by)}${part.slice(0, by - 1)}A`;
  return Array.from({ length: GUESSES }, (_, i) => {
    const at = i + 1;
    if (i % 3 === 0) return [turned(id, at), lineage, secret].join('.');
    if (i % 3 === 1) return [id, turned(lineage, at), turned(secret, at)].join('.');
    return [victimsId, turned(lineage, at), turned(secret, at)].join('.');
  });
}

export const guessing: Experiment = {
  id: 'guessing',
  title: 'Guessing somebody’s id',
  summary:
    'The attacker has a cookie of their own, and tries the ones beside it. Do they meet somebody else?',
  story:
    'Mallory has an account too, looks at her own cookie, and tries others like it. Against Holdfast she even knows the id of Ada’s session, which may stand in a log, and only has to guess the secret.',
  naive: 'Ids are numbers that count up, so that everybody’s neighbour is somebody.',
  requirements: [ASVS_7_2_3, SM_26],
  cast: [
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
    { id: 'thief', label: 'Mallory' },
  ],
  verdicts: {
    held: 'No guess opens anything.',
    fell: 'A guess opens Ada’s account.',
  },
  async run({ target, ada, mallory, browser, program, call, note }) {
    const owner = browser('browser');
    const attacker = program('thief');
    await owner.post('/sign-in', ada);
    await attacker.post('/sign-in', mallory);
    const [victimsId = ''] = (owner.token ?? '').split('.');
    note('makes up cookies like her own', 'thief');
    for (const guess of guesses(target, attacker.token ?? '', victimsId)) {
      if (guess !== owner.token) call(guess, 'a guess');
      attacker.token = guess;
      // The neighbour of one's own cookie may be one's own again: what counts is to be Ada.
      await attacker.get('/account', { attack: ({ text }) => text.includes(ada.user) });
    }
    await owner.get('/account');
  },
};
