/** How figures and names are written on the page. */
import type { Commands } from '../places.ts';
import type { Estimate } from '../stats.ts';
import type { Framework } from '../variants.ts';

/** What goes onto the page. */
export interface Section {
  readonly markdown: string;
  /** By their names beside the page, in `benchmarks/`. */
  readonly charts?: Readonly<Record<string, string>>;
}

export const FRAMEWORK_NAMES: Readonly<Record<Framework, string>> = {
  express: 'Express',
  node: 'node:http',
  fastify: 'Fastify',
  hono: 'Hono',
  koa: 'Koa',
};

export const LOAD_TITLES: Readonly<Record<string, string>> = {
  read: 'Read one field of a signed-in session',
  write: 'Write one field',
  'sign-in': 'Sign in',
  anonymous: 'A visit without a session',
};

export const digits = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(Math.abs(value) < 10 ? 1 : 0) : '–';
export const ratioText = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '–');
export const whole = (value: number): string => Math.round(value).toLocaleString('en');

export const span = ({ median, low, high }: Estimate, show = digits): string =>
  `${show(median)} (${show(low)}–${show(high)})`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

export function commandsText(commands: Commands, requests: number): string {
  const each = Object.entries(commands)
    .map(([name, calls]) => [name, calls / requests] as const)
    .filter(([, calls]) => calls >= 0.005)
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, calls]) => (Math.abs(calls - 1) < 0.01 ? name : `${calls.toFixed(2)} ${name}`));
  return each.join(', ');
}
