/** The rows of a diagram, one for each event. */
import { type Content, html } from '../pages/html.ts';
import type { AnswerEvent, LabEvent, NoteEvent, RequestEvent, TimeEvent, Tone } from './recorder.ts';
import { wrap, wrapEvenly } from './wrap.ts';

export interface Stage {
  readonly width: number;
  xOf(role: string): number;
}

export interface Drawn {
  readonly content: Content;
  /** Where the row ends: for arrows, the height of the arrow. */
  readonly bottom: number;
}

/** Half the width of the bar that shows the server at work. */
export const HALF_BAR = 4;

const LINE = 15;
/** What fits between two lifelines at the size of the text. */
const LONGEST_ARROW_TEXT = 17;
const LONGEST_ARROW_LINES = 3;
const LONGEST_NOTE_TEXT = 17;
const LETTER = 6.3;

export function drawEvent(event: LabEvent, stage: Stage, top: number): Drawn {
  switch (event.kind) {
    case 'request':
      return arrow(event, stage, top, 'plain', requestLines(event));
    case 'answer':
      return arrow(event, stage, top, event.tone, answerLines(event));
    case 'note':
      return note(event, stage, top);
    case 'time':
      return time(event, stage, top);
  }
}

interface TextLine {
  readonly text: string;
  readonly kind: 'main' | 'sub';
  /** Stands before the text, and stands out. */
  readonly status?: number;
}

function requestLines({ line, cookie, count }: RequestEvent): TextLine[] {
  return [
    { text: count > 1 ? `${line} × ${count}` : line, kind: 'main' },
    ...(cookie === undefined ? [] : [{ text: cookie, kind: 'sub' } as const]),
  ];
}

function answerLines({ status, text, effect, count }: AnswerEvent): TextLine[] {
  // The count is no line of its own.
  const said = count > 1 ? `${text} ×\u00a0${count}` : text;
  // The status takes its room on the first line, so it is counted, and cut off again.
  const [first = '', ...more] = wrap(`${status} ${said}`, LONGEST_ARROW_TEXT, LONGEST_ARROW_LINES);
  return [
    { text: first.slice(String(status).length), kind: 'main', status },
    ...more.map((line) => ({ text: line, kind: 'main' }) as const),
    ...(effect === undefined ? [] : [{ text: effect, kind: 'sub' } as const]),
  ];
}

function arrow(
  { kind, from, to }: RequestEvent | AnswerEvent,
  stage: Stage,
  top: number,
  tone: Tone,
  lines: readonly TextLine[],
): Drawn {
  const y = top + lines.length * LINE + 3;
  const direction = stage.xOf(to) > stage.xOf(from) ? 1 : -1;
  // Beside the bar of work at the server's end, on the line at the other.
  const inset = (role: string): number => (role === 'server' ? HALF_BAR + 1 : 1);
  const start = stage.xOf(from) + direction * inset(from);
  const end = stage.xOf(to) - direction * inset(to);
  const middle = (start + end) / 2;
  const content = html`<g class="${kind} ${tone}">
      ${lines.map(({ text, kind: as, status }, i) => html`<text class="${as}" x="${middle}" y="${top + (i + 1) * LINE - 4}">${status !== undefined && html`<tspan class="status">${status}</tspan>`}${text}</text>`)}
      <line class="shaft" x1="${start}" x2="${end - direction * 6}" y1="${y}" y2="${y}" />
      <path class="tip" d="M${end} ${y}l${-8 * direction} -4.5v9z" />
      ${tone !== 'plain' && seal(tone, stage.xOf(to) + direction * 15, y - 3)}
    </g>`;
  return { content, bottom: y };
}

/** Held or fallen, at the arrow's end, by shape as well as by colour. */
function seal(tone: Exclude<Tone, 'plain'>, x: number, y: number): Content {
  const mark = tone === 'held' ? 'm-4 0 3 3.2 5.5 -6' : 'm-3.4 -3.4 6.8 6.8m0 -6.8 -6.8 6.8';
  return html`<circle class="seal" cx="${x}" cy="${y}" r="9" /><path class="mark" d="M${x} ${y}${mark}" />`;
}

function note({ at, text, tone }: NoteEvent, stage: Stage, top: number): Drawn {
  const longest = at === undefined ? 46 : LONGEST_NOTE_TEXT;
  const lines = wrapEvenly(text, longest);
  const widest = Math.max(...lines.map((line) => line.length));
  const width = at === undefined ? stage.width - 24 : Math.max(60, widest * LETTER + 16);
  const wanted = at === undefined ? stage.width / 2 : stage.xOf(at);
  const x = Math.min(Math.max(wanted, width / 2 + 1), stage.width - width / 2 - 1);
  const height = lines.length * LINE + 9;
  const content = html`<g class="note ${tone}">
      <rect class="paper" x="${x - width / 2}" y="${top}" width="${width}" height="${height}" rx="6" />
      ${lines.map((line, i) => html`<text class="said" x="${x}" y="${top + (i + 1) * LINE + 1}">${line}</text>`)}
    </g>`;
  return { content, bottom: top + height };
}

function time({ text }: TimeEvent, stage: Stage, top: number): Drawn {
  const y = top + 13;
  const half = (text.length * LETTER) / 2 + 12;
  const middle = stage.width / 2;
  const content = html`<g class="time">
      <line class="gap" x1="4" x2="${stage.width - 4}" y1="${y}" y2="${y}" />
      <rect class="pill" x="${middle - half}" y="${y - 11}" width="${2 * half}" height="22" rx="11" />
      <text class="said" x="${middle}" y="${y + 4}">${text}</text>
    </g>`;
  return { content, bottom: y + 13 };
}
