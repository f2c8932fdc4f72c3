/** A flame graph of a `.cpuprofile`, and where its time went. */

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Frame {
  readonly name: string;
  readonly place: string;
  /** Microseconds in the function itself, and with all that it calls. */
  self: number;
  total: number;
  readonly children: Map<string, Frame>;
}

/** Whose code a function is: what the colors and the sums go by. */
export type Owner = 'Holdfast' | 'framework' | 'Node' | 'application' | 'garbage collection';

export function ownerOf({ name, place }: Pick<Frame, 'name' | 'place'>): Owner {
  if (name === '(garbage collector)') return 'garbage collection';
  if (place.includes('packages/holdfast/') || place.includes('node_modules/holdfast/')) return 'Holdfast';
  if (place.includes('/node_modules/')) return 'framework';
  return place.includes('/bench/') ? 'application' : 'Node';
}

const IDLE = new Set(['(idle)', '(program)']);

/** The samples as a tree, the same calls from the same callers being one frame. Idle time is left out. */
export function framesOf(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const self = new Map<number, number>();
  profile.samples.forEach((id, i) => self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[i] ?? 0)));
  const root = frame('all', '');
  for (const [id, time] of self) {
    const path: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = nodes.get(at);
      if (node && node.callFrame.functionName !== '(root)') path.unshift(node);
    }
    if (path.length === 0 || IDLE.has(path[0]?.callFrame.functionName ?? '')) continue;
    let within = root;
    within.total += time;
    for (const { callFrame } of path) {
      const name = callFrame.functionName || '(anonymous)';
      const place = `${callFrame.url.replace('file://', '')}:${callFrame.lineNumber + 1}`;
      let next = within.children.get(`${name} ${place}`);
      if (!next) within.children.set(`${name} ${place}`, (next = frame(name, place)));
      next.total += time;
      within = next;
    }
    within.self += time;
  }
  return root;
}

interface HeapNode {
  readonly callFrame: ProfileNode['callFrame'];
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface HeapProfile {
  readonly head: HeapNode;
}

/** Bytes in place of microseconds. */
export function allocationsOf({ head }: HeapProfile): Frame {
  const grown = ({ callFrame, selfSize, children }: HeapNode): Frame => {
    const name = callFrame.functionName || '(anonymous)';
    const one = frame(name, `${callFrame.url.replace('file://', '')}:${callFrame.lineNumber + 1}`);
    one.self = selfSize;
    one.total = selfSize;
    children.forEach((child, i) => {
      const below = grown(child);
      one.total += below.total;
      one.children.set(String(i), below);
    });
    return one;
  };
  return grown(head);
}

function frame(name: string, place: string): Frame {
  return { name, place, self: 0, total: 0, children: new Map() };
}

function* everyFrame(root: Frame): Generator<Frame> {
  yield root;
  for (const child of root.children.values()) yield* everyFrame(child);
}

/** Time in the functions themselves, by owner. */
export function byOwner(root: Frame): ReadonlyMap<Owner, number> {
  const times = new Map<Owner, number>();
  for (const one of everyFrame(root)) {
    if (one !== root) times.set(ownerOf(one), (times.get(ownerOf(one)) ?? 0) + one.self);
  }
  return times;
}

/** The functions in which the most time was spent, wherever they were called from. */
export function costliest(root: Frame): { name: string; place: string; self: number }[] {
  const functions = new Map<string, { name: string; place: string; self: number }>();
  for (const { name, place, self } of everyFrame(root)) {
    const known = functions.get(`${name} ${place}`);
    if (known) known.self += self;
    else functions.set(`${name} ${place}`, { name, place, self });
  }
  return [...functions.values()].toSorted((a, b) => b.self - a.self);
}

const WIDTH = 1200;
const ROW = 18;
/** What is narrower can not be read. */
const NARROWEST = 1.5;
const CHARACTER = 6.4;

const CLASSES: Readonly<Record<Owner, string>> = {
  Holdfast: 'h',
  framework: 'f',
  Node: 'n',
  application: 'a',
  'garbage collection': 'g',
};

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Callers below, as in a fire; the width is the share of the time, which the tooltip says in microseconds a request. */
export function flameGraph(root: Frame, title: string, requests: number): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (one: Frame, from: number, depth: number): void => {
    const width = (one.total / root.total) * WIDTH;
    if (width < NARROWEST) return;
    deepest = Math.max(deepest, depth);
    if (depth >= 0) boxes.push(box(one, from, width, depth, requests));
    let at = from;
    for (const child of [...one.children.values()].toSorted((a, b) => b.total - a.total)) {
      draw(child, at, depth + 1);
      at += (child.total / root.total) * WIDTH;
    }
  };
  draw(root, 0, -1);
  const height = (deepest + 1) * ROW + 60;
  const legend = (Object.keys(CLASSES) as Owner[])
    .map(
      (owner, i) =>
        `<rect class="${CLASSES[owner]}" x="${i * 160}" y="34" width="12" height="12"/><text x="${i * 160 + 18}" y="44">${owner}</text>`,
    )
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-monospace, monospace" font-size="11" role="img" aria-label="${escaped(title)}">
<style>
  text { fill: #1f2328; } .h { fill: #54aeff; } .f { fill: #d0a8ff; } .n { fill: #c8d1da; } .a { fill: #7ee2a8; } .g { fill: #ff9b8e; }
  rect { stroke: #ffffff; stroke-width: .5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .h { fill: #1158c7; } .f { fill: #6e40aa; } .n { fill: #3d444d; } .a { fill: #196c2e; } .g { fill: #b62324; }
    rect { stroke: #0d1117; }
  }
</style>
<text x="0" y="18" font-size="14">${escaped(title)}</text>
<g>${legend}</g>
<g transform="translate(0 ${height - ROW})">
${boxes.join('\n')}
</g>
</svg>
`;
}

function box(one: Frame, from: number, width: number, depth: number, requests: number): string {
  const y = -depth * ROW;
  const room = Math.floor((width - 4) / CHARACTER);
  const label = room < 3 ? '' : one.name.length > room ? `${one.name.slice(0, room - 1)}…` : one.name;
  const where = one.place.replace(/^.*\/(?:node_modules|packages|bench)\//, '');
  const text = label && `<text x="${(from + 2).toFixed(1)}" y="${y + 13}">${escaped(label)}</text>`;
  return `<g><title>${escaped(`${one.name} ${where}: ${(one.total / requests).toFixed(1)} µs, itself ${(one.self / requests).toFixed(1)} µs`)}</title><rect class="${CLASSES[ownerOf(one)]}" x="${from.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"/>${text}</g>`;
}
