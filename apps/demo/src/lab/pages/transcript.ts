/** What happened, in words and as it went over the wire. */
import { type Content, html } from '../../pages/html.ts';
import type { Role } from '../experiment.ts';
import type { LabEvent, Tone } from '../recorder.ts';

const JUDGED: Readonly<Record<Tone, string>> = {
  plain: '',
  held: ' The defence held.',
  fell: ' The attack worked.',
};

/** The diagram as a list: for screen readers, and for whoever likes words better. */
export function inWords(cast: readonly Role[], events: readonly LabEvent[]): Content {
  const labels = new Map(cast.map(({ id, label }) => [id, label]));
  const label = (id: string): string => labels.get(id) ?? id;
  return html`<ol class="in-words">
    ${events.map((event) => html`<li>${sentence(event, label)}</li>`)}
  </ol>`;
}

function sentence(event: LabEvent, label: (id: string) => string): Content {
  switch (event.kind) {
    case 'request': {
      const times = event.count > 1 && ` (${event.count} times)`;
      return html`${label(event.from)} sends <b>${event.line}</b>${event.cookie && `, ${event.cookie}`}${times}.`;
    }
    case 'answer': {
      const effect = event.effect && `, and ${event.effect}`;
      return html`${label(event.from)} answers ${label(event.to)}: <b>${event.status}</b> ${event.text.replace(/\.$/, '')}${effect}.${JUDGED[event.tone]}`;
    }
    case 'note':
      return html`${event.at === undefined ? '' : `${label(event.at)}: `}${event.text}.${JUDGED[event.tone]}`;
    case 'time':
      return html`${event.text}.`;
  }
}

export function asSent(events: readonly LabEvent[]): Content {
  const exchanges = new Map<number, { request: string; answer: string; line: string; status: string }>();
  for (const event of events) {
    if (event.kind === 'request') {
      exchanges.set(event.exchange, { request: event.raw, answer: '', line: event.line, status: '' });
    } else if (event.kind === 'answer') {
      const exchange = exchanges.get(event.exchange);
      if (exchange) Object.assign(exchange, { answer: event.raw, status: String(event.status) });
    }
  }
  return html`<ol class="as-sent">
    ${[...exchanges.values()].map(
      ({ request, answer, line, status }) => html`<li>
      <h4>${line} <span class="status">${status}</span></h4>
      <pre>${request}</pre>
      <pre class="answer">${answer}</pre>
    </li>`,
    )}
  </ol>`;
}
