/** A store in a process of its own, asked over its channel: what several servers on one database are. */
import { type ChildProcess, fork } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from '../../src/store.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';

interface Question {
  readonly number: number;
  readonly call: keyof SessionStore;
  readonly values: readonly unknown[];
}

interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** The store on this file, in another process. */
export async function inProcess(
  file: string,
): Promise<{ readonly store: SessionStore; stop(): Promise<void> }> {
  const child: ChildProcess = fork(import.meta.filename, [file], { serialization: 'advanced', execArgv: [] });
  const waiting = new Map<number, (reply: Reply) => void>();
  const up = new Promise<Reply>((resolve) => waiting.set(0, resolve));
  let asked = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.number)?.(reply);
    waiting.delete(reply.number);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      for (const [number, tell] of waiting)
        tell({ number, error: `the store's process has ended with ${code}` });
      resolve();
    });
  });
  const { error } = await up;
  if (error !== undefined) throw new Error(error);
  const ask =
    (call: keyof SessionStore) =>
    async (...values: unknown[]): Promise<unknown> => {
      const number = ++asked;
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(number, resolve);
        child.send({ number, call, values } satisfies Question);
      });
      if (reply.error !== undefined) throw new Error(reply.error);
      return reply.answer;
    };
  const calls = ['insert', 'read', 'apply', 'admit', 'epochOf', 'listBy', 'endBy', 'prune'] as const;
  const store = Object.fromEntries(calls.map((call) => [call, ask(call)])) as unknown as SessionStore;
  return {
    store,
    async stop() {
      child.disconnect();
      await gone;
    },
  };
}

function serve(file: string): void {
  const database = new DatabaseSync(file);
  const store = sqliteStore(database);
  async function answer({ number, call, values }: Question): Promise<Reply> {
    const method = store[call] as (...all: readonly unknown[]) => unknown;
    try {
      return { number, answer: await method(...values) };
    } catch (error) {
      return { number, error: (error as Error).message };
    }
  }
  process.on('message', async (question: Question) => process.send?.(await answer(question)));
  process.once('disconnect', () => database.close());
  process.send?.({ number: 0 } satisfies Reply);
}

if (import.meta.main) serve(process.argv[2] ?? '');
