/**
 * Records in MariaDB or MySQL, shared by many servers.
 *
 * One statement reads a session, and two change it: one reads what is there, `applyChange` decides, and one writes over just
 * that. Nothing is locked while the server waits for a client. What was decided, and what it costs, is in
 * docs/adr/0016-changes-in-mysql.md.
 */
import { applyChange, type Applied, type Change, type End } from '../../change.ts';
import type { SessionRecord } from '../../record.ts';
import type { Admission, SessionStore } from '../../store.ts';
import { oldestOverLimit } from '../limit.ts';
import { UNFINISHED_FOR } from '../record-json.ts';
import {
  changedIn,
  firstOf,
  nothing,
  type SqlRow,
  type SqlValue,
  type Statement,
  type Take,
} from '../sql/link.ts';
import { plain } from '../sql/plain.ts';
import { packRow, READ, unpackRow } from '../sql/row.ts';
import { isTouch } from '../sql/touch.ts';
import { noTables } from '../sql/versions.ts';
import { isDuplicate, isMissing, linkTo, type MysqlClient, poolOf } from './client.ts';
import { type MysqlMigrateOptions, prefixOf, refuseOther, replica, tablesOf } from './migrate.ts';
import { NONE, REPLICA, statementsOn } from './statements.ts';
import { Turns } from './turns.ts';

export type { MysqlCallbackPool, MysqlClient, MysqlConnection, MysqlPool } from './client.ts';
export { migrate, type MysqlMigrateOptions } from './migrate.ts';

export interface MysqlStoreOptions extends MysqlMigrateOptions {}

interface Found {
  readonly record: SessionRecord;
  readonly revision: number;
}

interface Decided {
  readonly applied: Applied;
  readonly write?: { readonly before: Found; readonly record: SessionRecord };
}

/** Where it is, behind a record and its end. */
const REVISION = READ.length + 1;
/** How often a change begins again because another one came first. At each, one of those at work has got through. */
const ATTEMPTS = 200;
/** How long it waits before, at most, in milliseconds: from 1, doubled each time. */
const LONGEST_PAUSE = 32;

/**
 * A store on a pool of `mysql2`. It may be shared with other code. The tables have to be there: see `migrate`.
 *
 * @throws TypeError when it is no pool, or `prefix` no prefix; the message says what to write.
 */
export function mysqlStore(client: MysqlClient, options: MysqlStoreOptions = {}): SessionStore {
  const sendTo = linkTo(poolOf(client));
  const prefix = prefixOf(options.prefix);
  const sql = statementsOn(prefix);
  const turns = new Turns();
  let isChecked = false;

  async function check(): Promise<void> {
    const row = await sendTo(sql.check, [], firstOf).catch((cause: unknown) => {
      throw isMissing(cause) ? noTables(tablesOf(prefix), cause) : cause;
    });
    refuseOther(row ?? [], prefix);
    isChecked = true;
  }

  function send<T>(statement: Statement, values: SqlValue[], take: Take<SqlRow, T>): Promise<T> {
    if (isChecked) return sendTo(statement, values, take);
    return check().then(() => sendTo(statement, values, take));
  }

  function foundIn(rows: readonly SqlRow[]): Found[] {
    // A statement that reads gives a row at least, even where it finds nothing: it says who answers.
    if (rows.length === 0) throw noTables(tablesOf(prefix));
    return rows.map(([answer]) => foundOf(answer)).filter((found) => found !== undefined);
  }

  function find<T>(id: string, take: (found: Found | undefined) => T): Promise<T> {
    return send(sql.read, [id], (rows) => {
      const [found] = foundIn(rows);
      // Text that ends in spaces is compared without them.
      return take(found?.record.id === id ? found : undefined);
    });
  }

  const read = (id: string): Promise<Found | undefined> => find(id, (found) => found);

  /** What a change comes to: to be written where it leaves another record. */
  function decide(before: Found | undefined, change: Change): Decided {
    const { applied, record } = applyChange(before?.record, change);
    return { applied, ...(before && record && record !== before.record && { write: { before, record } }) };
  }

  /** `undefined` where another change came first: then nothing has happened. */
  async function carryOut({ applied, write }: Decided, change: Change): Promise<Applied | undefined> {
    if (!write) return applied;
    const { before, record } = write;
    const { id, indexes } = before.record;
    const changed = isTouch(change)
      ? await send(sql.touch, [record.lastSeenAt, id, before.revision], changedIn)
      : await send(sql.write, [...packRow(record).slice(1), id, before.revision], changedIn);
    if (changed === 0) return undefined;
    // Nothing depends on it: what an index names in vain is left out, and dropped with its session.
    if (record.ended) for (const index of indexes) leave(index, id);
    return applied;
  }

  function leave(index: string, id: string): void {
    send(sql.leave, [plain(index), id], nothing).catch(() => undefined);
  }

  /**
   * Whoever has lost against another change waits for the others of this process, and so does who comes after them and would
   * write: then only other processes can come first.
   */
  async function apply(id: string, change: Change, known?: Found): Promise<Applied> {
    const decided = decide(known ?? (await read(id)), change);
    if (!decided.write || !turns.isTaken(id)) {
      const applied = await carryOut(decided, change);
      if (applied) return applied;
    }
    return turns.take(id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const applied = await carryOut(decide(await read(id), change), change);
        if (applied) return applied;
        await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE));
      }
      throw new Error(`other changes of one session came first ${ATTEMPTS} times`);
    });
  }

  async function listBy(index: string): Promise<Found[]> {
    const found = await send(sql.listBy, [plain(index)], foundIn);
    return found.filter(({ record }) => record.indexes.includes(index));
  }

  async function epochOf(index: string): Promise<number> {
    const row = await send(sql.epochOf, [plain(index)], firstOf);
    if (!row) throw noTables(tablesOf(prefix));
    const [isReplica, epoch] = row;
    if (Number(isReplica) !== 0) throw replica();
    return Number(epoch ?? 0);
  }

  async function admit(index: string, id: string, at: number, limit: number | undefined): Promise<Admission> {
    await send(sql.enter, [plain(index), id, at], nothing);
    const epoch = await epochOf(index);
    if (limit === undefined) return { epoch, displaced: [] };
    const rows = await send(sql.admissions, [plain(index)], rowsOf);
    const admittedAt = new Map<string, number>();
    const counted: string[] = [];
    for (const [member, since, exists, endedAt, forgetAt, indexes] of rows) {
      const name = member as string;
      admittedAt.set(name, Number(since));
      const isListed =
        Number(exists) === 1 &&
        endedAt === null &&
        Number(forgetAt) > at &&
        (JSON.parse(indexes as string) as string[]).includes(plain(index));
      if (name === id || isListed) counted.push(name);
      else if (Number(exists) === 0 && Number(since) + UNFINISHED_FOR <= at) leave(index, name);
    }
    return { epoch, displaced: oldestOverLimit(counted, admittedAt, limit) };
  }

  async function endBy(index: string, end: End, except: string | undefined): Promise<number> {
    await send(sql.raiseEpoch, [plain(index)], nothing);
    const ends = (await listBy(index))
      .filter(({ record }) => record.id !== except)
      .map(async (found) => {
        const { status } = await apply(found.record.id, { end, while: { index } }, found);
        return status === 'applied';
      });
    return (await Promise.all(ends)).filter(Boolean).length;
  }

  async function prune(now: number, limit: number): Promise<number> {
    const rows = await send(sql.due(limit), [now], rowsOf);
    const ids = rows.map(([id]) => id as string).toSorted();
    const [first] = ids;
    if (first === undefined) return 0;
    // Always as many: each number of marks would be a prepared statement more on each connection.
    const padded = [...Array.from({ length: limit - ids.length }, () => first), ...ids];
    const changed = await send(sql.remove(limit), [...padded, now], changedIn);
    await send(sql.leaveAll(limit), padded, nothing);
    return changed;
  }

  return {
    async insert(record) {
      await send(sql.insert, packRow(record), nothing).catch((error: unknown) => {
        throw isDuplicate(error) ? new Error('a session of that id exists', { cause: error }) : error;
      });
    },
    read: (id) => find(id, (found) => found?.record),
    apply: (id, change) => apply(id, change),
    admit,
    epochOf,
    listBy: async (index) => (await listBy(index)).map(({ record }) => record),
    endBy,
    prune,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function foundOf(answer: unknown): Found | undefined {
  if (answer === NONE) return undefined;
  if (answer === REPLICA) throw replica();
  // An answer that is longer than the server may send comes as NULL, with a warning that nobody reads.
  if (answer === null) throw new TypeError('a session came without its record');
  const list = JSON.parse(answer as string) as SqlRow;
  return { record: unpackRow(list), revision: list[REVISION] as number };
}

function rowsOf(rows: readonly SqlRow[]): readonly SqlRow[] {
  return rows;
}
