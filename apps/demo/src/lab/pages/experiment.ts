/** The page of one experiment: what it is, the button, and what happened. */
import { type Content, html } from '../../pages/html.ts';
import { page } from '../../pages/layout.ts';
import type { User } from '../../users.ts';
import type { Experiment, Requirement } from '../experiment.ts';
import type { Result } from '../run.ts';
import { resultSection } from './result.ts';

export interface ExperimentPage {
  readonly experiment: Experiment;
  /** Where it stands among the others, from 1. */
  readonly number: number;
  readonly next: Experiment | undefined;
  readonly user: User | undefined;
  readonly result?: Result | undefined;
}

export function experimentPage({ experiment, number, next, user, result }: ExperimentPage): string {
  const { id, title, story, naive, requirements, inBrowser } = experiment;
  return page({
    title: `${result ? 'Result: ' : ''}${title}`,
    user,
    current: 'lab',
    main: html`<link rel="stylesheet" href="/lab.css" />
      <script src="/lab.js" defer></script>
      <div class="lab">
        <p class="lab-crumb"><a href="/lab">The lab</a> <span aria-hidden="true">/</span> Experiment ${number}</p>
        <h1>${title}</h1>
        <p class="lead">${story}</p>
        <form class="lab-run" method="post" action="/lab/${id}" data-lab-run>
          <button>${result ? 'Run it again' : 'Run the attack'}</button>
          <p class="lab-status" role="status" data-lab-status></p>
        </form>
        ${resultSection(experiment, result)}
        ${inBrowser}
        <section class="card lab-about">
          <div>
            <h2>Which requirement this is</h2>
            <dl class="lab-requirements">${requirements.map(requirementItem)}</dl>
          </div>
          <div>
            <h2>What the naive session does</h2>
            <p>${naive}</p>
            <h2>Where to read on</h2>
            <p>The guide “What attackers try”, in <code>docs/guide/what-attackers-try.md</code>, and the threat model,
            in <code>docs/threat-model.md</code>.</p>
          </div>
        </section>
        ${next && html`<p class="lab-next"><a href="/lab/${next.id}">Next: ${next.title}</a></p>`}
      </div>`,
  });
}

function requirementItem({ id, asks, href }: Requirement): Content {
  return html`<div><dt>${href === undefined ? id : html`<a href="${href}" rel="noreferrer">${id}</a>`}</dt><dd>${asks}</dd></div>`;
}
