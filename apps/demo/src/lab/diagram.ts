/**
 * Draws a sequence diagram of what happened, as SVG in the page: no script, no inline style (the policy forbids both), colours
 * by class, so that light and dark are the page's own.
 *
 * Lifelines stand apart evenly, and what an arrow says stands above it in short lines. Widths are estimated, not measured: there is no browser here.
 */
import { type Content, html, type Html } from '../pages/html.ts';
import { drawEvent, type Drawn, HALF_BAR, type Stage } from './diagram-events.ts';
import type { Role } from './experiment.ts';
import type { LabEvent } from './recorder.ts';
import { wrap } from './wrap.ts';

const WIDTH = 380;
const HEAD_TOP = 6;
const HEAD_HEIGHT = 42;
const HEAD_WIDTH = 100;
const FOOT = 16;
const ROW_GAP = 9;

export interface DiagramOptions {
  /** Makes the ids of this diagram its own in the page. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

export function diagram(
  cast: readonly Role[],
  events: readonly LabEvent[],
  { id, title, description }: DiagramOptions,
): Html {
  const stage: Stage = { width: WIDTH, xOf: lifelines(cast) };
  let y = HEAD_TOP + HEAD_HEIGHT + 10;
  const rows: { event: LabEvent; drawn: Drawn }[] = [];
  for (const event of events) {
    // A request and its answer stand closer together than two exchanges do.
    if (event.kind === 'request') y += 5;
    const drawn = drawEvent(event, stage, y);
    rows.push({ event, drawn });
    y = drawn.bottom + ROW_GAP;
  }
  const height = y + FOOT;
  return html`<svg class="sequence" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${description}</desc>
    ${cast.map(({ id: role }) => line(stage.xOf(role), HEAD_TOP + HEAD_HEIGHT, height - 4))}
    ${bars(rows, stage)}
    ${cast.map((role) => head(role, stage.xOf(role.id)))}
    ${rows.map(({ drawn }) => drawn.content)}
  </svg>`;
}

function lifelines(cast: readonly Role[]): (role: string) => number {
  const margin = cast.length > 2 ? 54 : 90;
  const step = (WIDTH - 2 * margin) / (cast.length - 1);
  return (role) => {
    const index = cast.findIndex(({ id }) => id === role);
    if (index === -1) throw new Error(`nobody is called ${role}`);
    return margin + index * step;
  };
}

function line(x: number, from: number, to: number): Content {
  return html`<line class="lifeline" x1="${x}" x2="${x}" y1="${from}" y2="${to}" />`;
}

function head({ id, label }: Role, x: number): Content {
  const lines = wrap(label, 12);
  const first = HEAD_TOP + HEAD_HEIGHT / 2 + 4 - (lines.length - 1) * 7;
  return html`<rect class="head${id === 'server' && ' server'}${id === 'thief' && ' thief'}" x="${x - HEAD_WIDTH / 2}" y="${HEAD_TOP}" width="${HEAD_WIDTH}" height="${HEAD_HEIGHT}" rx="10" />
    ${lines.map((text, i) => html`<text class="name" x="${x}" y="${first + i * 14}">${text}</text>`)}`;
}

/** How long the server worked on each request: what overlaps stands side by side. */
function bars(rows: readonly { event: LabEvent; drawn: Drawn }[], stage: Stage): Content {
  const x = stage.xOf('server');
  const open = new Map<number, { from: number; level: number }>();
  const drawn: Content[] = [];
  for (const { event, drawn: at } of rows) {
    if (event.kind === 'request' && event.to === 'server') {
      const taken = new Set([...open.values()].map(({ level }) => level));
      let level = 0;
      while (taken.has(level)) level += 1;
      open.set(event.exchange, { from: at.bottom, level });
    } else if (event.kind === 'answer') {
      const bar = open.get(event.exchange);
      open.delete(event.exchange);
      if (!bar) continue;
      const left = x - HALF_BAR + bar.level * HALF_BAR;
      drawn.push(
        html`<rect class="bar-of-work" x="${left}" y="${bar.from - 3}" width="${2 * HALF_BAR}" height="${at.bottom - bar.from + 6}" rx="3" />`,
      );
    }
  }
  return drawn;
}
