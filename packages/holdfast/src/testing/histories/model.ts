/**
 * A history as steps on the model. An operation is one step, but for those that the contract divides: `endBy` raises the
 * epoch, and then ends each record for itself; `listBy` reads each for itself; `admit` with a limit enters, and then looks
 * at each record that was listed.
 */
import { applyChange, type Applied } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { Admission } from '../../store.ts';
import { Board, type Cell, type Index, type Timing } from './board.ts';
import type { Call, History, Operation } from './history.ts';
import type { State, Step } from './search.ts';
import { canonical } from './values.ts';

export interface Model {
  readonly steps: readonly Step[];
  readonly initial: State;
  /** What no order can explain, in words. */
  readonly contradiction?: string;
}

type As<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/** A call with its place in time; `answer` is `undefined` while its outcome is unknown. */
interface Told<Answer> extends Timing {
  readonly isKnown: boolean;
  readonly answer: Answer | undefined;
}

export function modelOf(history: History): Model {
  const board = new Board();
  for (const id of history.ids) board.record(id);
  for (const index of history.indexes) board.index(index);
  const problems = history.calls.flatMap((call, place) => add(board, history, call, place) ?? []);
  const [contradiction] = problems;
  return {
    steps: board.steps,
    initial: board.initial,
    ...(contradiction !== undefined && { contradiction }),
  };
}

/** Returns what no order can explain. */
function add(board: Board, history: History, call: Call, place: number): string | undefined {
  const { operation, outcome, calledAt, returnedAt } = call;
  if (outcome.kind === 'refused' && operation.kind !== 'insert') {
    return `call ${place + 1} rejected: ${String(outcome.error)}`;
  }
  const isKnown = outcome.kind === 'answered';
  const answer = isKnown ? outcome.answer : undefined;
  const told = { call: place, calledAt, returnedAt, isKnown, answer };
  switch (operation.kind) {
    case 'insert':
      return insert(board, operation, told, outcome.kind === 'refused');
    case 'read':
      return isKnown ? read(board, operation, told as Told<SessionRecord>) : undefined;
    case 'apply':
      return apply(board, operation, told as Told<Applied>);
    case 'admit':
      return admit(board, history, operation, told as Told<Admission>);
    case 'epochOf':
      if (isKnown) {
        const cell = board.index(operation.index);
        board.look(told, [operation.index], (state) => board.get(state, cell).epoch === answer);
      }
      return undefined;
    case 'listBy':
      return isKnown ? listBy(board, history, operation, told as Told<SessionRecord[]>) : undefined;
    case 'endBy':
      return endBy(board, history, operation, told as Told<number>);
  }
}

function insert(board: Board, { id, record }: As<'insert'>, told: Timing, isRefused: boolean): undefined {
  board.onRecord(told, id, (before) => {
    if (isRefused) return before ?? undefined;
    return before ? undefined : record;
  });
}

function read(board: Board, { id }: As<'read'>, told: Told<SessionRecord>): undefined {
  const seen = canonical(told.answer ?? null);
  board.onRecord(told, id, (before) => (canonical(before) === seen ? before : undefined));
}

function apply(board: Board, { id, change }: As<'apply'>, told: Told<Applied>): undefined {
  const answer = canonical(told.answer);
  board.onRecord(told, id, (before) => {
    const { applied, record } = applyChange(before ?? undefined, change);
    return told.isKnown && canonical(applied) !== answer ? undefined : (record ?? before);
  });
}

/** Enters; with a limit, it then looks at each record that was listed: counted, or not. */
function admit(
  board: Board,
  history: History,
  { index, id, at, limit }: As<'admit'>,
  told: Told<Admission>,
): string | undefined {
  const cell = board.index(index);
  const asked = board.cell<{ listed: string[]; counted: string[] }>({ listed: [], counted: [] });
  const { answer } = told;
  const isPlaced = !history.unplaced.has(index);
  board.step(told, [index], (state) => {
    const before = board.get(state, cell);
    if (answer && answer.epoch !== before.epoch) return [];
    const members = { ...before.members, [id]: before.members[id] ?? at };
    const after = board.with(state, cell, { ...before, members });
    if (!answer || limit === undefined) return [after];
    const listed = Object.keys(members);
    const order = isPlaced ? listed : [...new Set([...listed, ...history.ids])];
    const places = order.toSorted((a, b) => (members[a] ?? 0) - (members[b] ?? 0) || (a < b ? -1 : 1));
    return countings(places, id, limit, answer.displaced, isPlaced).map((counted) =>
      board.with(after, asked, { listed, counted }),
    );
  });
  if (!answer) return undefined;
  if (limit === undefined) return answer.displaced.length > 0 ? `call ${told.call + 1} displaced` : undefined;
  const entered = board.steps.at(-1);
  for (const other of history.ids) {
    if (other === id) continue;
    const record = board.record(other);
    board.look(following(told, entered), [other, index], (state) => {
      const { listed, counted } = board.get(state, asked);
      if (!listed.includes(other) && !counted.includes(other)) return true;
      return counted.includes(other) === carries(board.get(state, record), index);
    });
  }
  return undefined;
}

/** Which members may have been counted, for `displaced` to be the oldest over the limit. */
function countings(
  oldestFirst: readonly string[],
  id: string,
  limit: number,
  displaced: readonly string[],
  isPlaced: boolean,
): string[][] {
  let subsets: string[][] = [[]];
  for (const member of oldestFirst) {
    const without = member === id ? [] : subsets;
    subsets = [...subsets.map((subset) => [...subset, member]), ...without];
  }
  return subsets.filter((counted) => {
    const over = counted.slice(0, Math.max(0, counted.length - limit));
    if (isPlaced) return canonical(over) === canonical(displaced);
    return over.length === displaced.length && displaced.every((each) => counted.includes(each));
  });
}

/** Reads each record for itself. */
function listBy(
  board: Board,
  history: History,
  { index }: As<'listBy'>,
  told: Told<SessionRecord[]>,
): string | undefined {
  const list = told.answer ?? [];
  const byId = new Map(list.map((record) => [record.id, record]));
  // Who is listed only grows: the earlier it looks, the less it has to explain.
  const begun = remembering({ ...told, isEager: true }, board, index, (same) => same);
  for (const id of history.ids) {
    const seen = byId.get(id);
    if (seen) {
      const text = canonical(seen);
      const isFit = carries(seen, index);
      board.onRecord(told, id, (record) => (isFit && canonical(record) === text ? record : undefined));
    } else passOver(board, id, index, told, begun);
  }
  const isKnown = list.every(({ id }) => history.ids.includes(id));
  if (byId.size < list.length) return `call ${told.call + 1} lists a session twice`;
  return isKnown ? undefined : `call ${told.call + 1} lists a session that nobody made`;
}

/** Raises the epoch, then ends each record for itself, while it carries the index. */
function endBy(
  board: Board,
  history: History,
  { index, end, except }: As<'endBy'>,
  told: Told<number>,
): string | undefined {
  const raised = remembering(told, board, index, (before) => ({ ...before, epoch: before.epoch + 1 }));
  const ended = history.ended.get(end.at) ?? new Set();
  for (const id of history.ids) {
    if (id === except) continue;
    if (told.isKnown && !ended.has(id)) passOver(board, id, index, told, raised);
    else {
      board.onRecord(
        following(told, raised.step),
        id,
        (record) => applyChange(record ?? undefined, { end, while: { index } }).record,
      );
    }
  }
  const isCounted = told.isKnown && history.ids.every((id) => isReadAfter(history, id, told.returnedAt));
  if (!isCounted || told.answer === ended.size) return undefined;
  return `call ${told.call + 1} says that it has ended ${told.answer}, and has ended ${ended.size}`;
}

interface Begun {
  readonly step: Step;
  /** Who was admitted by then. */
  readonly members: Cell<readonly string[]>;
}

/** A first step on an index, which remembers who was admitted to it. */
function remembering(timing: Timing, board: Board, index: string, change: (before: Index) => Index): Begun {
  const cell = board.index(index);
  const members = board.cell<readonly string[]>([]);
  const step = board.step(timing, [index], (state) => {
    const before = board.get(state, cell);
    return [
      board.with(board.with(state, cell, change(before)), members, Object.keys(before.members).toSorted()),
    ];
  });
  return { step, members };
}

/** A record that a call passed over: it was not admitted, or not alive with this index, when the call looked. */
function passOver(board: Board, id: string, index: string, timing: Timing, begun: Begun): void {
  const record = board.record(id);
  board.look(
    following(timing, begun.step),
    [id, index],
    (state) => !board.get(state, begun.members).includes(id) || !carries(board.get(state, record), index),
  );
}

function following({ call, calledAt, returnedAt }: Timing, step: Step | undefined): Timing {
  return { call, calledAt, returnedAt, ...(step && { after: step }) };
}

function carries(record: SessionRecord | null, index: string): boolean {
  return record !== null && !record.ended && record.indexes.includes(index);
}

function isReadAfter({ calls }: History, id: string, instant: number): boolean {
  return calls.some(
    ({ operation, outcome, calledAt }) =>
      operation.kind === 'read' && operation.id === id && outcome.kind === 'answered' && calledAt > instant,
  );
}
