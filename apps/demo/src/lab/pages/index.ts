/** The lab's front page: every experiment, and what the two targets are. */
import { html } from '../../pages/html.ts';
import { page } from '../../pages/layout.ts';
import type { User } from '../../users.ts';
import type { Experiment } from '../experiment.ts';

export function labPage(experiments: readonly Experiment[], user: User | undefined): string {
  return page({
    title: 'The lab',
    user,
    current: 'lab',
    main: html`<link rel="stylesheet" href="/lab.css" />
      <div class="lab">
        <h1>The lab</h1>
        <p class="lead">
          What attackers try against sessions, tried for real. Press a button, and a script sends real requests to two
          small shops that are the same in everything but their sessions: one is on Holdfast, the other on a cookie
          session as it is often written by hand. You see what each of them answered.
        </p>
        <p class="lab-hint">
          Your own session takes no part: each run has its own accounts, cookies and clock, and nothing of it is kept. The
          naive shop is insecure on purpose, and nobody but the script can reach it.
        </p>
        <ol class="lab-index">
          ${experiments.map(
            ({ id, title, summary }, i) => html`<li class="card">
            <span class="lab-number" aria-hidden="true">${i + 1}</span>
            <div><h2><a href="/lab/${id}">${title}</a></h2><p>${summary}</p></div>
          </li>`,
          )}
        </ol>
      </div>`,
  });
}
