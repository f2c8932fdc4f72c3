/** Where an actor's steps wait until the play lets them through, or for ever: then its process was killed. */
import type { SessionStore } from '../../src/store.ts';

/** Each step waits, and is one: nobody else's comes between its beginning and its end. */
export type Gate = <T>(step: string, run: () => Promise<T>) => Promise<T>;

/** A store of which each call is a step. */
export function atCalls(store: SessionStore, gate: Gate): SessionStore {
  return stepwise(store, ['insert', 'read', 'apply', 'admit', 'epochOf', 'listBy', 'endBy', 'prune'], gate);
}

/** A client, of Redis or another database, of which each command is a step: `methods` are those that send one. */
export function atCommands<Client extends object>(
  client: Client,
  methods: readonly (keyof Client & string)[],
  gate: Gate,
): Client {
  return stepwise(client, methods, gate);
}

function stepwise<Target extends object>(target: Target, methods: readonly string[], gate: Gate): Target {
  return new Proxy(target, {
    get(inner, name) {
      const value: unknown = Reflect.get(inner, name, inner);
      if (typeof value !== 'function') return value;
      // Clients have private fields: a method needs the client itself.
      if (!methods.includes(String(name))) return value.bind(inner);
      return (...values: unknown[]) =>
        gate([name, ...values.map(told)].join(' ').slice(0, 90), () => value.apply(inner, values));
    },
  });
}

/** Statements come as objects. */
function told(value: unknown): string {
  const { sql, text } = (value ?? {}) as { readonly sql?: unknown; readonly text?: unknown };
  return String(text ?? sql ?? value);
}

export interface Step {
  readonly step: string;
  /** Whether it was asked for when what matters was under way; an earlier errand may still be waiting by then. */
  readonly isUnderWay: boolean;
}

/** One who takes steps. */
export class Actor {
  readonly #waiting: (Step & { readonly go: () => Promise<void> })[] = [];
  readonly #stopsAfter: number;
  taken = 0;
  isUnderWay: boolean;

  /** @param stopsAfter after so many steps its process is killed */
  constructor(isUnderWay: boolean, stopsAfter = Infinity) {
    this.isUnderWay = isUnderWay;
    this.#stopsAfter = stopsAfter;
  }

  readonly gate: Gate = (step, run) =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ step, isUnderWay: this.isUnderWay, go: () => run().then(resolve, reject) });
    });

  get isStopped(): boolean {
    return this.taken >= this.#stopsAfter;
  }

  get canGo(): boolean {
    return this.#waiting.length > 0 && !this.isStopped;
  }

  /** Takes the step that has waited longest, as one connection would. Returns what it was. */
  async go(): Promise<Step> {
    const next = this.#waiting.shift();
    if (!next) throw new Error('nobody is waiting');
    this.taken++;
    await next.go();
    await quiet();
    return next;
  }
}

/** Whoever could go on has gone on to the next gate, or has finished: one who pauses does so for a turn. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}
