/** Plays a plan on a store, and records who asked for what, what they were told, and in which order. */
import { applyChange, type Applied } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { SessionStore } from '../../store.ts';
import {
  type Answer,
  ask,
  type Call,
  endsIn,
  type History,
  type Operation,
  type Outcome,
  unplacedIn,
} from './history.ts';
import { type Intent, namesOf, operationOf, type Plan } from './plan.ts';

export interface Ground {
  /** As many as there are; the callers take them in turn. */
  readonly handles: readonly SessionStore[];
  /** Whether a call that rejected with this may have taken effect all the same. */
  readonly isUnknown: (error: unknown) => boolean;
  /** Around what the callers do at once. */
  readonly faults: { begin(): Promise<void>; end(): Promise<void> } | undefined;
}

const MOST_LOOKS = 100;

/** @param run of its own in the store: no two plays share a session or an index */
export async function play(plan: Plan, ground: Ground, run: string): Promise<History> {
  const names = namesOf(plan, run);
  const { ids, indexes } = names;
  const seen = new Map<string, SessionRecord>();
  const calls: Call[] = [];
  let order = 0;

  async function call(caller: number, operation: Operation, there = 0, back = 0): Promise<Outcome> {
    const store = ground.handles[caller % ground.handles.length] as SessionStore;
    const calledAt = ++order;
    const place = calls.length;
    calls.push({ caller, operation, calledAt, returnedAt: Infinity, outcome: { kind: 'unknown' } });
    await turns(there);
    const outcome = await ask(store, operation).then(
      (answer): Outcome => ({ kind: 'answered', answer }),
      (error: unknown): Outcome =>
        ground.isUnknown(error) ? { kind: 'unknown' } : { kind: 'refused', error },
    );
    await turns(back);
    order++;
    const returnedAt = outcome.kind === 'unknown' ? Infinity : order;
    calls[place] = { caller, operation, calledAt, returnedAt, outcome };
    if (outcome.kind === 'answered') learn(seen, operation, outcome.answer);
    return outcome;
  }

  /** Taken again where a busy machine was late: what nobody has seen explains nothing. */
  async function look(operation: Operation): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      if ((await call(0, operation)).kind !== 'unknown') return;
    }
    throw new Error(`the store did not answer ${MOST_LOOKS} looks after the faults were over`);
  }

  async function act(caller: number, intents: readonly Intent[]): Promise<void> {
    for (const intent of intents) {
      await call(caller, operationOf(intent, names, seen), intent.there, intent.back);
    }
  }

  await act(0, plan.before);
  await ground.faults?.begin();
  await Promise.all(plan.callers.map((intents, caller) => act(caller, intents)));
  await ground.faults?.end();
  for (const id of ids) await look({ kind: 'read', id });
  for (const index of indexes) await look({ kind: 'epochOf', index });
  for (const index of indexes) await look({ kind: 'listBy', index });
  return { ids, indexes, calls, ended: endsIn(calls), unplaced: unplacedIn(calls) };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** What a caller's next operation starts from: a guess, where others write at the same time. */
function learn(seen: Map<string, SessionRecord>, operation: Operation, answer: Answer): void {
  if (operation.kind === 'read' && answer) seen.set(operation.id, answer as SessionRecord);
  if (operation.kind === 'insert') seen.set(operation.id, operation.record);
  if (operation.kind !== 'apply' || (answer as Applied).status !== 'applied') return;
  const { record } = applyChange(seen.get(operation.id), operation.change);
  if (record && !record.ended) seen.set(operation.id, record);
}
