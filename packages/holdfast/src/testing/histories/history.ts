/** What concurrent callers asked of a store, what they were told, and in which order calls and answers came. */
import type { Applied, Change, End } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { Admission, SessionStore } from '../../store.ts';

export type Operation =
  | { readonly kind: 'insert'; readonly id: string; readonly record: SessionRecord }
  | { readonly kind: 'read'; readonly id: string }
  | { readonly kind: 'apply'; readonly id: string; readonly change: Change }
  | {
      readonly kind: 'admit';
      readonly index: string;
      readonly id: string;
      readonly at: number;
      readonly limit?: number;
    }
  | { readonly kind: 'epochOf'; readonly index: string }
  | { readonly kind: 'listBy'; readonly index: string }
  | { readonly kind: 'endBy'; readonly index: string; readonly end: End; readonly except?: string };

/** What the call of an operation was told. */
export type Answer = void | SessionRecord | undefined | Applied | Admission | number | SessionRecord[];

/** `unknown`: the call rejected, and may have taken effect, may still take effect, or never. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'unknown' };

export interface Call {
  readonly caller: number;
  readonly operation: Operation;
  /** Places in the order of all calls and answers. */
  readonly calledAt: number;
  /** `Infinity` while the outcome is unknown: it may take effect at any later instant. */
  readonly returnedAt: number;
  readonly outcome: Outcome;
}

export interface History {
  /** The ids and the indexes that may occur. */
  readonly ids: readonly string[];
  readonly indexes: readonly string[];
  readonly calls: readonly Call[];
  /** Which sessions were seen, by anyone, to have been ended at which instant; each end has one of its own. */
  readonly ended: ReadonlyMap<number, ReadonlySet<string>>;
  /**
   * Indexes that a record may have carried before it was admitted, as no sign-in does it: whether it is counted against
   * a limit, and in which place, is nobody's promise.
   */
  readonly unplaced: ReadonlySet<string>;
}

export async function ask(store: SessionStore, operation: Operation): Promise<Answer> {
  switch (operation.kind) {
    case 'insert':
      return store.insert(operation.record);
    case 'read':
      return store.read(operation.id);
    case 'apply':
      return store.apply(operation.id, operation.change);
    case 'admit':
      return store.admit(operation.index, operation.id, operation.at, operation.limit);
    case 'epochOf':
      return store.epochOf(operation.index);
    case 'listBy':
      return store.listBy(operation.index);
    case 'endBy':
      return store.endBy(operation.index, operation.end, operation.except);
  }
}

/** Whether a call with this outcome has changed nothing: a history without it is no harder to explain. */
export function changedNothing({ operation, outcome }: Call): boolean {
  if (outcome.kind === 'refused') return true;
  if (operation.kind === 'read' || operation.kind === 'epochOf' || operation.kind === 'listBy') return true;
  if (operation.kind !== 'apply' || outcome.kind === 'unknown') return false;
  return (outcome.answer as Applied).status !== 'applied';
}

/** What the answers show of ends. */
export function endsIn(calls: readonly Call[]): History['ended'] {
  const ended = new Map<number, Set<string>>();
  for (const { operation, outcome } of calls) {
    if (outcome.kind !== 'answered' || (operation.kind !== 'read' && operation.kind !== 'listBy')) continue;
    for (const record of [outcome.answer as SessionRecord | SessionRecord[] | undefined].flat()) {
      const at = record?.ended?.at;
      if (record && at !== undefined) ended.set(at, (ended.get(at) ?? new Set()).add(record.id));
    }
  }
  return ended;
}

/** Indexes that someone asked a record to carry before its admission had returned. */
export function unplacedIn(calls: readonly Call[]): History['unplaced'] {
  const unplaced = new Set<string>();
  for (const { operation, calledAt } of calls) {
    if (operation.kind !== 'insert' && operation.kind !== 'apply') continue;
    for (const index of indexesOf(operation)) {
      const isAdmitted = calls.some(
        ({ operation: other, returnedAt }) =>
          other.kind === 'admit' &&
          other.id === operation.id &&
          other.index === index &&
          returnedAt < calledAt,
      );
      if (!isAdmitted) unplaced.add(index);
    }
  }
  return unplaced;
}

function indexesOf(operation: Extract<Operation, { kind: 'insert' | 'apply' }>): readonly string[] {
  if (operation.kind === 'insert') return operation.record.indexes;
  return operation.change.end ? [] : (operation.change.privilege?.indexes ?? []);
}
