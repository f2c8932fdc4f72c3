/** Stores that misbehave, or stop, on purpose. */
import type { SessionStore } from '../../src/store.ts';

export type Call = keyof SessionStore;

function each(
  store: SessionStore,
  around: (call: Call, run: () => Promise<unknown>) => Promise<unknown>,
): SessionStore {
  return new Proxy(store, {
    get(target, name) {
      const call = name as Call;
      const method = target[call] as ((...values: unknown[]) => Promise<unknown>) | undefined;
      // What a store may leave out is not there.
      if (method === undefined) return undefined;
      return (...values: unknown[]) => around(call, () => method.apply(target, values));
    },
  });
}

/** Counts the points before and after each call, and stops at one of them for `act`. */
export function interrupted(): {
  wrap(store: SessionStore): SessionStore;
  /** From now on points are counted from 0; at the given one `act` is awaited. */
  at(point: number, act: () => unknown): void;
  readonly points: number;
} {
  let points = 0;
  let stop = -1;
  let act: () => unknown = () => undefined;
  const pass = async (): Promise<void> => {
    if (points++ !== stop) return;
    stop = -1;
    await act();
  };
  return {
    wrap: (store) =>
      each(store, async (_, run) => {
        await pass();
        const result = await run();
        await pass();
        return result;
      }),
    at(point, then) {
      points = 0;
      stop = point;
      act = then;
    },
    get points() {
      return points;
    },
  };
}

/** A store that can be switched off: each call then rejects, before or after it took effect. */
export function failing(): {
  wrap(store: SessionStore): SessionStore;
  isDown: boolean;
  losesAnswers: boolean;
  /** The next call of this name takes effect, and its answer is lost. */
  losesNext: Call | undefined;
} {
  const state = {
    isDown: false,
    losesAnswers: false,
    losesNext: undefined as Call | undefined,
    wrap: (store: SessionStore) =>
      each(store, async (call, run) => {
        if (state.isDown) throw new Error('connect ECONNREFUSED 127.0.0.1:6379');
        const result = await run();
        const isNext = state.losesNext === call;
        if (isNext) state.losesNext = undefined;
        if (state.losesAnswers || isNext) throw new Error('read ECONNRESET');
        return result;
      }),
  };
  return state;
}

/** What becomes of a call that the test holds. */
export interface HeldCall {
  readonly call: Call;
  /** It takes effect, and its answer arrives. */
  answer(): Promise<unknown>;
  /** It takes no effect. */
  refuse(error?: unknown): void;
  /** It takes effect, and its answer does not arrive. */
  lose(error?: unknown): Promise<void>;
}

/** A store that does nothing until the test says so: every call is held, in the order in which they came. */
export function holding(): { wrap(store: SessionStore): SessionStore; readonly held: HeldCall[] } {
  const held: HeldCall[] = [];
  return {
    held,
    wrap: (store) =>
      each(
        store,
        (call, run) =>
          new Promise((resolve, reject) => {
            held.push({
              call,
              async answer() {
                const result = await run();
                resolve(result);
                return result;
              },
              refuse: (error = new Error('connect ECONNREFUSED 127.0.0.1:6379')) => reject(error),
              async lose(error = new Error('read ECONNRESET')) {
                await run();
                reject(error);
              },
            });
          }),
      ),
  };
}

/** Which calls reached the store, in order. */
export function counted(): { wrap(store: SessionStore): SessionStore; readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    wrap: (store) =>
      each(store, (call, run) => {
        calls.push(call);
        return run();
      }),
  };
}
