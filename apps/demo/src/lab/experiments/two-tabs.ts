import type { Experiment } from '../experiment.ts';
import { INVARIANT_8 } from '../standards.ts';

export const twoTabs: Experiment = {
  id: 'two-tabs',
  title: 'Two tabs that write at once',
  summary: 'Two of your tabs change something at the same moment. Is one of the changes lost?',
  story:
    'No attacker is needed for this one. Ada has two tabs open. One saves a colour and takes its time; the other saves a size meanwhile. Then both put something into the basket at once. Everything should be there afterwards.',
  naive:
    'Each request reads the whole record, changes its copy, and writes the whole copy back: the later one over the earlier one.',
  requirements: [INVARIANT_8],
  cast: [
    { id: 'browser', label: 'First tab' },
    { id: 'server', label: 'Server' },
    { id: 'tab', label: 'Second tab' },
  ],
  verdicts: {
    held: 'Both changes are kept, and both items are in the basket.',
    fell: 'One tab’s change is gone, and so is one item.',
  },
  async run({ ada, browser, during, note }) {
    const first = browser('browser');
    const second = browser('tab');
    await first.post('/sign-in', ada);
    second.sameBrowserAs(first);
    await during(
      (onSent) => first.post('/settings?slow', { name: 'colour', value: 'green' }, { onSent }),
      async () => {
        note('has read the session', 'server');
        await second.post('/settings', { name: 'size', value: 'L' });
      },
    );
    await first.get('/settings', { attack: ({ text }) => !/colour.*size/.test(text) });

    await during(
      (onSent) => first.post('/basket?slow', {}, { onSent }),
      async () => {
        note('has read the session', 'server');
        await second.post('/basket');
      },
    );
    await second.get('/basket', { attack: ({ text }) => !text.startsWith('2 ') });
  },
};
