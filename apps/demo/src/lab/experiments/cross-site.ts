import { html } from '../../pages/html.ts';
import type { Experiment } from '../experiment.ts';
import { ASVS_3_3_2, ASVS_3_5_1, CSRF_5 } from '../standards.ts';

export const crossSite: Experiment = {
  id: 'cross-site',
  title: 'A form on another site',
  summary:
    'You visit somebody’s page, and it sends a form to a shop where you are signed in. Does the shop obey?',
  story:
    'Ada is signed in to the shop, and opens a page of somebody else’s. Its form sends a request to the shop, to change her e-mail address, and her browser may add her cookie. The page is tried from two places: a neighbour that counts as the same site, so that SameSite does not help, and a different site.',
  naive:
    'Nobody asks where a request comes from, and the cookie says nothing about SameSite: Firefox and Safari then send it along from everywhere, Chrome during its first two minutes.',
  requirements: [CSRF_5, ASVS_3_5_1, ASVS_3_3_2],
  cast: [
    { id: 'thief', label: 'Somebody’s page' },
    { id: 'browser', label: 'Ada’s browser' },
    { id: 'server', label: 'Server' },
  ],
  verdicts: {
    held: 'The foreign form is refused, and nothing is changed.',
    fell: 'The foreign form changes Ada’s address.',
  },
  inBrowser: html`<section class="card lab-browser" aria-labelledby="in-browser">
      <h2 id="in-browser">With your own browser</h2>
      <p>
        The lab also has a second origin, on another port of this machine. Its page sends a form to this application; you
        should end at a page that says that the request came from another site.
      </p>
      <p><a class="button quiet" href="/lab/cross-site/elsewhere" rel="noopener">Open the other site</a></p>
    </section>`,
  async run({ ada, browser, elsewhere, visit, note }) {
    const owner = browser('browser');
    await owner.post('/sign-in', ada);
    // Ports do not count for what a site is: this one gets the cookie, whatever SameSite says.
    const neighbour = `http://localhost:${elsewhere.port}`;
    const form = await visit(owner, neighbour, 'opens a page of a neighbour');
    const changed = /mallory/;
    await owner.post('/email', form, {
      attack: true,
      from: { origin: neighbour, initiator: 'same-site' },
    });
    const stranger = `http://127.0.0.1:${elsewhere.port}`;
    const again = await visit(owner, stranger, 'opens a page of a different site');
    await owner.post('/email', again, {
      attack: true,
      from: { origin: stranger, initiator: 'cross-site' },
    });
    note('and then Ada looks for herself', 'browser');
    await owner.get('/email', { attack: ({ text }) => changed.test(text) });
  },
};
