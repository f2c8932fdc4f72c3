/** Both targets side by side, after a run. */
import { type Content, html } from '../../pages/html.ts';
import { diagram } from '../diagram.ts';
import type { Experiment } from '../experiment.ts';
import type { Outcome, Result } from '../run.ts';
import type { TargetName } from '../target.ts';
import { asSent, inWords } from './transcript.ts';

export const TARGET_LABELS: Readonly<Record<TargetName, string>> = {
  holdfast: 'Holdfast',
  naive: 'Naive cookie session',
};

/** @param result what the run gave; nothing has been run where it is left out */
export function resultSection(experiment: Experiment, result: Result | undefined): Content {
  return html`<section id="result" class="lab-result" aria-labelledby="result-title" tabindex="-1">
    <h2 id="result-title">What happened</h2>
    ${
      result
        ? html`<div class="lab-sides">${result.outcomes.map((outcome) => side(experiment, outcome))}</div>`
        : html`<p class="lab-empty">Nothing yet: press the button. Both shops are started, attacked and stopped, which takes a moment.</p>`
    }
  </section>`;
}

function side(experiment: Experiment, outcome: Outcome): Content {
  const { target, fell, verdict, events, requests } = outcome;
  const label = TARGET_LABELS[target];
  const state = fell ? 'fell' : 'held';
  return html`<article class="card lab-side ${state}" data-target="${target}" data-verdict="${state}" aria-labelledby="${target}-verdict">
      <p class="lab-target">${label}${target === 'naive' && html` <span class="lab-warning">insecure on purpose</span>`}</p>
      <h3 class="lab-verdict" id="${target}-verdict"><span class="lab-mark" aria-hidden="true"></span><span><span class="hidden">${fell ? 'Fell: ' : 'Held: '}</span>${verdict}</span></h3>
      ${diagram(experiment.cast, events, {
        id: `${target}-diagram`,
        title: `${label}: ${experiment.title}`,
        description: `${verdict} The same events stand below as a list, in words.`,
      })}
      <details>
        <summary>The same in words</summary>
        ${inWords(experiment.cast, events)}
      </details>
      <details>
        <summary>The ${requests} requests, as they were sent</summary>
        <p class="lab-hint">Secrets are shown by name. What was sent is real: it went over HTTP on this machine.</p>
        ${asSent(events)}
      </details>
    </article>`;
}
