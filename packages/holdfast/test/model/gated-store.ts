/** A store whose every call waits for the test to let it through, or to break it: before the write, or after. */
import type { MaybePromise } from '../../src/at-once.ts';
import type { SessionRecord, SessionStore } from '../../src/index.ts';

export type Fate = 'through' | 'fails-before' | 'fails-after';

export interface GatedStore {
  readonly store: SessionStore;
  /** The calls that are waiting, the oldest first. */
  readonly waiting: { readonly name: string; let: (fate: Fate) => void }[];
  /** A handler takes its time: it goes on when it is let through, whatever its fate. */
  pause(): Promise<unknown>;
  /** Everything that was ever handed to the store, as text. */
  readonly written: () => string;
}

/** @param hasSlowReplies every other time, what was read is on its way back until it is let through, too */
export function gatedStore(inner: SessionStore, hasSlowReplies = false): GatedStore {
  const waiting: GatedStore['waiting'] = [];
  const written: string[] = [];
  let reads = 0;

  function gated<Args extends unknown[], Result>(
    name: string,
    call: (...args: Args) => MaybePromise<Result>,
  ) {
    return async (...args: Args): Promise<Result> => {
      const fate = await new Promise<Fate>((resolve) => waiting.push({ name, let: resolve }));
      if (fate === 'fails-before') throw new Error('the connection was refused');
      written.push(JSON.stringify(args, flatten));
      const result = await call(...args);
      const isHeld = hasSlowReplies && name === 'read' && fate === 'through' && reads++ % 2 === 0;
      const arrival = isHeld ? await new Promise<Fate>((let_) => waiting.push({ name, let: let_ })) : fate;
      if (arrival !== 'through') throw new Error('the connection was lost after the command was sent');
      return result;
    };
  }

  return {
    waiting,
    pause: () => new Promise((resolve) => waiting.push({ name: 'handler', let: resolve })),
    written: () => written.join('\n'),
    store: {
      insert: gated('insert', (record: SessionRecord) => inner.insert(record)),
      read: gated('read', (id: string) => inner.read(id)),
      apply: gated('apply', (...args: Parameters<SessionStore['apply']>) => inner.apply(...args)),
      admit: gated('admit', (...args: Parameters<SessionStore['admit']>) => inner.admit(...args)),
      epochOf: gated('epochOf', (index: string) => inner.epochOf(index)),
      listBy: gated('listBy', (index: string) => inner.listBy(index)),
      endBy: gated('endBy', (...args: Parameters<SessionStore['endBy']>) => inner.endBy(...args)),
      prune: gated('prune', (...args: Parameters<SessionStore['prune']>) => inner.prune(...args)),
    },
  };
}

function flatten(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
