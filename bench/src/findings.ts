/** What was found, kept beside the page as it comes, so that a run that is cut short is not lost. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ColdStart } from './cold-start.ts';
import type { Filled } from './filled.ts';
import type { Result } from './rounds.ts';
import type { SessionMemory } from './session-memory.ts';
import type { Size } from './sizes.ts';
import type { Wire } from './wire.ts';
import type { Survivors } from './writers.ts';

export interface Findings {
  readonly machine: readonly string[];
  readonly versions: readonly string[];
  /** The day it was begun. */
  readonly date: string;
  readonly rounds: number;
  /** What has been measured, and how many minutes it took. */
  readonly done: Record<string, number>;
  readonly results: Result[];
  readonly wires: Wire[];
  readonly survivors: Survivors[];
  readonly filled: Filled[];
  readonly sizes: Size[];
  readonly starts: ColdStart[];
  readonly imports: ColdStart[];
  readonly memories: SessionMemory[];
  /** Markdown, a table. */
  micro: string;
  /** The pictures are files beside. */
  readonly profiles: { readonly file: string; readonly title: string; readonly table: string }[];
  /** What was not measured, and why. */
  leftOut: { readonly part: string; readonly why: string }[];
}

export function noFindings(
  about: Pick<Findings, 'machine' | 'versions' | 'rounds'>,
  date = new Date().toISOString().slice(0, 10),
): Findings {
  return {
    ...about,
    date,
    done: {},
    results: [],
    wires: [],
    survivors: [],
    filled: [],
    sizes: [],
    starts: [],
    imports: [],
    memories: [],
    micro: '',
    profiles: [],
    leftOut: [],
  };
}

/** The folder of pictures and figures. */
export class Notebook {
  readonly folder: string;

  constructor(out: string) {
    this.folder = join(out, 'benchmarks');
  }

  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
  }

  async load(): Promise<Findings | undefined> {
    const text = await readFile(join(this.folder, 'figures.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Findings);
  }

  async save(findings: Findings): Promise<void> {
    // Six digits are more than is known, and a line for each result can be read and compared.
    const brief = (_key: string, value: unknown): unknown =>
      typeof value === 'number' ? Number(value.toPrecision(6)) : value;
    const lines = Object.entries(findings).map(([key, value]: [string, unknown]) => {
      const list = (all: readonly unknown[]): string =>
        all.length === 0
          ? '[]'
          : `[\n${all.map((one) => `    ${JSON.stringify(one, brief)}`).join(',\n')}\n  ]`;
      return `  ${JSON.stringify(key)}: ${Array.isArray(value) ? list(value) : JSON.stringify(value, brief)}`;
    });
    await this.put('figures.json', `{\n${lines.join(',\n')}\n}\n`);
  }

  async put(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text);
  }
}
