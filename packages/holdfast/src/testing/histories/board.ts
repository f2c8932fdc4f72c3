/** The state of a search as a row of cells: one for each record, each index, and whatever a call has to remember. */
import type { SessionRecord } from '../../record.ts';
import type { State, Step } from './search.ts';
import { type Value, Values } from './values.ts';

export interface Index {
  readonly epoch: number;
  /** Who was ever admitted, and when. Whether a record is alive is the record's matter. */
  readonly members: Readonly<Record<string, number>>;
}

/** Where a value stands in a state. */
export interface Cell<T> {
  readonly at: number;
  /** Its type alone. */
  readonly like?: T;
}

/** When a step happens, and of which call it is. */
export type Timing = Pick<Step, 'call' | 'calledAt' | 'returnedAt' | 'after' | 'isEager'>;

export class Board {
  readonly steps: Step[] = [];
  readonly initial: Value[] = [];
  readonly #values = new Values();
  readonly #records = new Map<string, Cell<SessionRecord | null>>();
  readonly #indexes = new Map<string, Cell<Index>>();

  cell<T>(initial: T): Cell<T> {
    this.initial.push(this.#values.of(initial));
    return { at: this.initial.length - 1 };
  }

  record(id: string): Cell<SessionRecord | null> {
    return this.#cellOf(this.#records, id, null);
  }

  index(name: string): Cell<Index> {
    return this.#cellOf(this.#indexes, name, { epoch: 0, members: {} });
  }

  #cellOf<T>(cells: Map<string, Cell<T>>, name: string, initial: T): Cell<T> {
    let cell = cells.get(name);
    if (!cell) cells.set(name, (cell = this.cell(initial)));
    return cell;
  }

  get<T>(state: State, cell: Cell<T>): T {
    return state[cell.at]?.is as T;
  }

  /** The same state where the value is the same. */
  with<T>(state: State, cell: Cell<T>, is: T): State {
    return this.#put(state, cell, this.#values.of(is));
  }

  #put<T>(state: State, { at }: Cell<T>, value: Value<T>): State {
    return state[at] === value ? state : state.with(at, value);
  }

  step(timing: Timing, objects: readonly string[], next: Step['next']): Step {
    const step: Step = { ...timing, objects, next };
    this.steps.push(step);
    return step;
  }

  /** A step that only looks. */
  look(timing: Timing, objects: readonly string[], isRight: (state: State) => boolean): Step {
    return this.step(timing, objects, (state) => (isRight(state) ? [state] : []));
  }

  /** A step on one record: what it makes of it, or `undefined` where it can not happen. The same record gives the same. */
  onRecord(
    timing: Timing,
    id: string,
    change: (record: SessionRecord | null) => SessionRecord | null | undefined,
  ): Step {
    const cell = this.record(id);
    const known = new Map<number, Value<SessionRecord | null> | undefined>();
    return this.step(timing, [id], (state) => {
      const before = state[cell.at] as Value<SessionRecord | null>;
      if (!known.has(before.number)) {
        const after = change(before.is);
        known.set(before.number, after === undefined ? undefined : this.#values.of(after));
      }
      const value = known.get(before.number);
      return value ? [this.#put(state, cell, value)] : [];
    });
  }
}
