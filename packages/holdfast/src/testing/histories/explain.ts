/** Judges a history, and makes what is wrong with it as short as it can be shown. */
import type { SessionRecord } from '../../record.ts';
import { type Call, changedNothing, type History } from './history.ts';
import { modelOf } from './model.ts';
import { shorten } from './plan.ts';
import { linearize, type Verdict } from './search.ts';

export interface Failure {
  readonly why: string;
  readonly history: History;
}

/** @param only the records and indexes to look at: all when left out. Fewer explain less, and never more. */
export function judge(history: History, only?: readonly string[]): { verdict: Verdict; why?: string } {
  const { steps, initial, contradiction } = modelOf(history);
  if (contradiction !== undefined) return { verdict: 'impossible', why: contradiction };
  const meant = only ? steps.filter(({ objects }) => objects.every((each) => only.includes(each))) : steps;
  return { verdict: linearize(meant, initial) };
}

export function failureOf(history: History): Failure | undefined {
  const { verdict, why } = judge(history);
  if (verdict === 'possible') return undefined;
  if (verdict === 'undecided') return { why: 'there were too many orders to try', history };
  return {
    why: why ?? 'no order of these calls explains every answer',
    history: why === undefined ? shortest(history) : history,
  };
}

/** Only what is needed to see that there is no order. Each thing left out could not have made one impossible. */
function shortest(whole: History): History {
  const objects = [...whole.ids, ...whole.indexes];
  const isWrong = (history: History, only: readonly string[] = objects): boolean =>
    judge(history, only).verdict === 'impossible';
  const single = objects.find((object) => isWrong(whole, [object]));
  const only = single === undefined ? objects : [single];
  let history = about(whole, only);
  const ends = history.calls.map(({ returnedAt }) => returnedAt).filter(Number.isFinite);
  const end = ends.toSorted((a, b) => a - b).find((instant) => isWrong(until(history, instant), only));
  if (end !== undefined) history = until(history, end);
  for (const call of history.calls.filter(changedNothing)) {
    const fewer = { ...history, calls: history.calls.filter((each) => each !== call) };
    if (isWrong(fewer, only)) history = fewer;
  }
  return history;
}

/** The calls that have a part in what happens to these records and indexes. */
function about(history: History, only: readonly string[]): History {
  const meant = modelOf(history).steps.filter(({ objects }) => objects.every((each) => only.includes(each)));
  const places = new Set(meant.map(({ call }) => call));
  return { ...history, calls: history.calls.filter((_, place) => places.has(place)) };
}

/** What had happened by then: a call that had not returned may have taken effect or not. */
function until(history: History, instant: number): History {
  const begun = history.calls.filter(({ calledAt }) => calledAt <= instant);
  const calls = begun.map((call): Call => {
    if (call.returnedAt <= instant) return call;
    return { ...call, returnedAt: Infinity, outcome: { kind: 'unknown' } };
  });
  return {
    ...history,
    calls: calls.filter((call) => call.outcome.kind !== 'unknown' || !changedNothing(call)),
  };
}

/** One line a call: who, from when to when, what, and what they were told. */
export function show({ calls }: History): string {
  const width = Math.max(
    ...calls.flatMap(({ calledAt, returnedAt }) => [calledAt, returnedAt]).filter(Number.isFinite),
  );
  const pad = (instant: number): string =>
    `${Number.isFinite(instant) ? instant : '?'}`.padStart(`${width}`.length);
  return calls
    .toSorted((a, b) => a.calledAt - b.calledAt)
    .map(({ caller, calledAt, returnedAt, operation: { kind, ...what }, outcome }) => {
      const told =
        outcome.kind === 'answered'
          ? brief(outcome.answer)
          : outcome.kind === 'refused'
            ? 'rejected'
            : 'unknown';
      return `  caller ${caller}, ${pad(calledAt)} to ${pad(returnedAt)}: ${kind} ${brief(what)} → ${told}`;
    })
    .join('\n');
}

/** Without what is the same in every record. */
function brief(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Map) return Object.fromEntries(each);
    if (typeof each !== 'object' || each === null || !('absoluteExpiresAt' in each && 'id' in each))
      return each;
    const { id, epoch, data, dataVersion, secretHash, indexes, ended, ...rest } = each as SessionRecord;
    const { lastSeenAt, renewalSalt, reuse, system } = rest;
    return {
      id,
      epoch,
      dataVersion,
      data,
      system,
      secretHash,
      renewalSalt,
      lastSeenAt,
      reuse,
      indexes,
      ended,
    };
  });
  return shorten(text ?? 'nothing').replaceAll('"', '');
}
