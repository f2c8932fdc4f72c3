/** Random plans: who asks for what, before it is known what they will have seen by then. */
import type { Change, EndCondition, Update } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { Dice } from '../contract/random.ts';
import {
  end,
  hashOf,
  HOUR,
  idOf,
  MINUTE,
  privilege,
  renewal,
  sampleRecord,
  signIn,
  START,
  userRecord,
} from '../contract/samples.ts';
import type { Operation } from './history.ts';

const PARTS = [
  'set',
  'set',
  'pair',
  'remove',
  'compare',
  'swap',
  'touch',
  'confirm',
  'repeat',
  'renew',
  'elevate',
  'incident',
] as const;
const CONDITIONS = ['index', 'lastSeenAt', 'epoch'] as const;

type Part = (typeof PARTS)[number] | 'sign in';

/** One operation to be: `s` and `i` say which session and which index. */
export type Intent = {
  /** Of its own: marks whatever the operation writes. */
  readonly n: number;
  /** How many turns of the event loop's microtasks pass on the way to the store, and on the way back. */
  readonly there: number;
  readonly back: number;
} & (
  | { readonly kind: 'read'; readonly s: number }
  | { readonly kind: 'insert'; readonly s: number; readonly i?: number }
  | { readonly kind: 'change'; readonly s: number; readonly i: number; readonly parts: readonly Part[] }
  | {
      readonly kind: 'end';
      readonly s: number;
      readonly i: number;
      readonly only?: (typeof CONDITIONS)[number];
    }
  | { readonly kind: 'admit'; readonly s: number; readonly i: number; readonly limit?: number }
  | { readonly kind: 'epochOf' | 'listBy'; readonly i: number }
  | { readonly kind: 'endBy'; readonly i: number; readonly except?: number }
);

export interface Plan {
  readonly sessions: number;
  readonly indexes: number;
  /** What is done first, one after another. */
  readonly before: readonly Intent[];
  /** What each caller does, one after another, while the others do theirs. */
  readonly callers: readonly (readonly Intent[])[];
}

type Bare<T> = T extends unknown ? Omit<T, 'n' | 'there' | 'back'> : never;

/** Changes and reads of one session, seldom its end or another insert. */
export function planOfSession(chance: Dice): Plan {
  const intend = intending(chance);
  const common: readonly (() => Bare<Intent>)[] = [
    () => ({ kind: 'change', s: 0, i: 0, parts: someParts(chance) }),
    () => ({ kind: 'change', s: 0, i: 0, parts: someParts(chance) }),
    () => ({ kind: 'read', s: 0 }),
  ];
  const rare: readonly (() => Bare<Intent>)[] = [
    () => ({ kind: 'end', s: 0, i: 0, ...someCondition(chance) }),
    () => ({ kind: 'end', s: 0, i: 0 }),
    () => ({ kind: 'insert', s: 0, i: 0 }),
  ];
  const one = (): Intent[] => [intend(chance.pick(chance.roll(16) === 0 ? rare : common)())];
  const before = chance.roll(10) === 0 ? [] : [intend({ kind: 'insert', s: 0, i: 0 })];
  return { sessions: 1, indexes: 1, before, callers: shared(chance, 6 + chance.roll(5), one) };
}

/** Sign-ins, changes, lists and ends of a few sessions of one user or two. */
export function planOfIndexes(chance: Dice): Plan {
  const intend = intending(chance);
  const [sessions, indexes] = [1 + chance.roll(3), chance.pick([1, 2])];
  const s = (): number => chance.roll(sessions);
  const i = (): number => chance.roll(indexes);
  const limit = () => chance.roll(2) === 0 && { limit: 1 + chance.roll(2) };
  const ending = (): Bare<Intent> => ({
    kind: 'endBy',
    i: i(),
    ...(chance.roll(4) === 0 && { except: s() }),
  });
  const makes: readonly (() => readonly Bare<Intent>[])[] = [
    () => signingIn(chance, s(), i()),
    () => signingIn(chance, s(), i()),
    () => [{ kind: 'admit', s: s(), i: i(), ...limit() }],
    () => [{ kind: 'insert', s: s(), i: i() }],
    () => [{ kind: 'change', s: s(), i: i(), parts: ['sign in'] }],
    () => [{ kind: 'change', s: s(), i: i(), parts: someParts(chance) }],
    () => [{ kind: 'end', s: s(), i: i(), ...someCondition(chance) }],
    () => [
      { kind: 'read', s: s() },
      { kind: 'epochOf', i: i() },
    ],
    () => [{ kind: 'epochOf', i: i() }],
    () => [{ kind: 'listBy', i: i() }],
    () => [ending()],
    () => [ending()],
  ];
  const before = Array.from({ length: sessions }, (_, each) => begun(chance, each, i()))
    .flat()
    .map(intend);
  const one = (): Intent[] => chance.pick(makes)().map(intend);
  return { sessions, indexes, before, callers: shared(chance, 6 + chance.roll(5), one) };
}

/** As the library signs in: another sign-in, or an end of all sessions, may come between any two of these. */
function signingIn(chance: Dice, s: number, i: number): Bare<Intent>[] {
  const isNew = chance.roll(2) === 0;
  return [
    { kind: 'admit', s, i },
    isNew ? { kind: 'insert', s, i } : { kind: 'change', s, i, parts: ['sign in'] },
    chance.roll(2) === 0 ? { kind: 'epochOf', i } : { kind: 'admit', s, i, limit: 1 },
  ];
}

/** What is there of a session at first: nothing, an anonymous one, one that was never admitted, or one that was. */
function begun(chance: Dice, s: number, i: number): Bare<Intent>[] {
  const signedIn: Bare<Intent>[] = [
    { kind: 'admit', s, i },
    { kind: 'insert', s, i },
  ];
  return chance.pick([[], [{ kind: 'insert', s }], [{ kind: 'insert', s, i }], signedIn, signedIn, signedIn]);
}

function intending(chance: Dice): (bare: Bare<Intent>) => Intent {
  let n = 0;
  return (bare) => ({ ...bare, n: ++n, there: chance.roll(6), back: chance.roll(6) });
}

function shared(chance: Dice, count: number, some: () => readonly Intent[]): Intent[][] {
  const callers = Array.from({ length: 3 + chance.roll(3) }, (): Intent[] => []);
  for (let each = 0; each < count; each++) chance.pick(callers).push(...some());
  return callers.filter((intents) => intents.length > 0);
}

function someParts(chance: Dice): Part[] {
  const first = chance.pick(PARTS);
  return chance.roll(3) === 0 ? [...new Set([first, chance.pick(PARTS)])] : [first];
}

function someCondition(chance: Dice): { readonly only?: (typeof CONDITIONS)[number] } {
  return chance.roll(2) === 0 ? {} : { only: chance.pick(CONDITIONS) };
}

/** The names of one play, so that many share a store. */
export interface Names {
  readonly ids: readonly string[];
  readonly users: readonly string[];
  readonly indexes: readonly string[];
}

export function namesOf({ sessions, indexes }: Plan, run: string): Names {
  const users = Array.from({ length: indexes }, (_, i) => `${run}-u${i}`);
  return {
    ids: Array.from({ length: sessions }, (_, s) => idOf(`${run}-s${s}`)),
    users,
    indexes: users.map((user) => `user:${user}`),
  };
}

/** The operation that is asked for, by a caller who has seen the sessions as `seen` has them. */
export function operationOf(
  intent: Intent,
  names: Names,
  seen: ReadonlyMap<string, SessionRecord>,
): Operation {
  const at = START + MINUTE + intent.n;
  const index = 'i' in intent ? (names.indexes[intent.i ?? 0] ?? '') : '';
  const id = 's' in intent ? (names.ids[intent.s] ?? '') : '';
  const record = seen.get(id) ?? sampleRecord('', { id });
  switch (intent.kind) {
    case 'read':
      return { kind: 'read', id };
    case 'insert': {
      const client = { ip: `${intent.n}` };
      const user = intent.i === undefined ? undefined : names.users[intent.i];
      const inserted =
        user === undefined ? sampleRecord('', { id, client }) : userRecord('', user, { id, client });
      return { kind: 'insert', id, record: inserted };
    }
    case 'change':
      return {
        kind: 'apply',
        id,
        change: changeOf(intent.parts, intent.n, at, record, names.users[intent.i] ?? ''),
      };
    case 'end': {
      const condition = { index, lastSeenAt: record.lastSeenAt, epoch: record.epoch };
      const only: EndCondition | undefined = intent.only && { [intent.only]: condition[intent.only] };
      const change: Change = { end: end('signed_out', at), ...(only && { while: only }) };
      return { kind: 'apply', id, change };
    }
    case 'admit': {
      // One instant for each session, two of them the same.
      const admittedAt = START + Math.floor(intent.s / 2) * 1_000;
      return {
        kind: 'admit',
        index,
        id,
        at: admittedAt,
        ...(intent.limit !== undefined && { limit: intent.limit }),
      };
    }
    case 'endBy': {
      const except = intent.except === undefined ? undefined : names.ids[intent.except];
      return { kind: 'endBy', index, end: end('revoked', at), ...(except !== undefined && { except }) };
    }
    default:
      return { kind: intent.kind, index };
  }
}

function changeOf(
  parts: readonly Part[],
  n: number,
  at: number,
  record: SessionRecord,
  user: string,
): Update {
  const written = { value: `${n}`, schemaVersion: 1 };
  const { secretHash, previousHash = secretHash } = record;
  const key = n % 2 === 0 ? 'a' : 'b';
  const binding = record.system.get('k');
  const each: Record<Part, () => Partial<Update>> = {
    set: () => ({ set: new Map([[key, written]]) }),
    pair: () => ({
      set: new Map([
        ['a', written],
        ['b', written],
      ]),
    }),
    remove: () => ({ remove: [key] }),
    compare: () => ({
      set: new Map([['a', written]]),
      expect: new Map([['a', record.data.get('a')?.version ?? 0]]),
    }),
    swap: () => ({ system: new Map([['k', { from: binding, to: `${n}` }]]) }),
    touch: () => ({ touch: at }),
    confirm: () => ({ confirm: secretHash }),
    repeat: () => ({ repeat: previousHash }),
    renew: () => ({ renew: renewal(secretHash, n, at) }),
    elevate: () => ({ privilege: privilege(n, { at }) }),
    'sign in': () => ({ privilege: signIn(n, user, { at }) }),
    incident: () => ({ incident: { apart: 0, limit: 3, tombstoneFor: HOUR } }),
  };
  const merged: Partial<Update> = Object.assign({}, ...parts.map((part) => each[part]()));
  return { epoch: record.epoch, at, ...merged };
}

/** For messages: the spellings of a play's names and of made-up hashes, shortened. */
export function shorten(text: string): string {
  return text
    .replaceAll(/\b\w+-(s\d+)_*A\b/g, '$1')
    .replaceAll(/\b\w+-(u\d+)\b/g, '$1')
    .replaceAll(/([\w-]*\w)-*-A\b/g, '$1')
    .replaceAll(`${hashOf('')}`, '')
    .replaceAll(/\b1\d{12}\b/g, (instant) => `T${Number(instant) - START}`);
}
