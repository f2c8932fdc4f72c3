/**
 * How fast the servers' processor is at the moment, by a program that is always the same: where others share the machine,
 * one and the same request may take twice as long as a second ago.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { nodeOn } from './machine.ts';

/** More than this, and a slice is measured again. */
export const QUIET = 1.2;
/** Milliseconds, to have seen it fast before anything is held against that. */
const WARM_UP = 15_000;
/** Slow moments last from a few milliseconds to a few seconds, or do not end. */
const PATIENCE = 300;
const TURNS = 500;

export class Pacer {
  readonly #child: ChildProcess;
  #best = Infinity;
  #warmUp: Promise<void> | undefined;

  constructor(cpu: number | undefined) {
    const [execPath, ...execArgv] = nodeOn(cpu, []);
    this.#child = fork(fileURLToPath(import.meta.url), { execPath, execArgv });
  }

  /** 1 where it is as fast as it ever was, and 2 where the same takes twice as long. */
  async pace(): Promise<number> {
    const time = await new Promise<number>((answered, failed) => {
      this.#child.once('message', (taken: number) => answered(taken));
      this.#child.send('', (error) => error && failed(error));
    });
    this.#best = Math.min(this.#best, time);
    return time / this.#best;
  }

  /** The same, once it is quiet, or after a while all the same. */
  async whenQuiet(): Promise<number> {
    await (this.#warmUp ??= this.#warm());
    const end = performance.now() + PATIENCE;
    for (;;) {
      const pace = await this.pace();
      if (pace <= QUIET || performance.now() >= end) return pace;
    }
  }

  async #warm(): Promise<void> {
    const end = performance.now() + WARM_UP;
    while (performance.now() < end) await this.pace();
  }

  stop(): void {
    this.#child.kill();
  }
}

/** What a server does: objects, texts, and a hash. */
function turn(number: number): number {
  const record = {
    id: `session-${number}`,
    seen: number,
    data: { colour: 'blue', list: [number, number + 1] },
  };
  const text = JSON.stringify(record);
  const { data } = JSON.parse(text) as typeof record;
  const headers = new Map(text.split(',').map((part, i) => [part, i]));
  return createHash('sha256').update(text).digest().readUInt32LE() + headers.size + data.list.length;
}

if (import.meta.main) {
  process.on('message', () => {
    const before = process.cpuUsage();
    let sum = 0;
    for (let i = 0; i < TURNS; i++) sum += turn(i);
    const { user, system } = process.cpuUsage(before);
    process.send?.(Number.isNaN(sum) ? Infinity : user + system);
  });
}
