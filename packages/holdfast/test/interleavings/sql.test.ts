import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MysqlPool } from '../../src/stores/mysql/index.ts';
import { statementsOn } from '../../src/stores/mysql/statements.ts';
import { LONG } from '../support/long.ts';
import { type GatedClient, statementwise } from '../support/sql/drivers.ts';
import { type OpenedForInterleavings, playEvery } from './play.ts';
import { crowded, larger, scenarios, small } from './scenario.ts';

/** One client is enough: what is played is every order in which the statements of several servers can arrive. */
function opening({ driver, connectGated }: (typeof statementwise)['PostgreSQL']) {
  let url: string;
  let space: string;
  let client: GatedClient;
  beforeAll(async () => {
    url = await driver.url();
    // Each play has a user of its own.
    space = await driver.newSpace(url);
    client = connectGated(url);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await driver.drop(url, space);
  });
  return async (wrong?: (client: MysqlPool) => MysqlPool): Promise<OpenedForInterleavings> => ({
    store: client.store(space),
    gated: (gate) => client.gated(space, gate, wrong),
    close: async () => undefined,
  });
}

describe('nothing is live and unlisted on PostgreSQL, and nothing outlives the end of all', () => {
  const open = opening(statementwise.PostgreSQL);
  let orders = 0;

  test.each(
    LONG ? [...scenarios, ...crowded] : scenarios,
  )('in any order of statements, whoever is killed between two: $name (ASVS-7.1.2, ASVS-7.4.3, ASVS-7.5.2)', async (scenario) => {
    orders += await playEvery(scenario, () => open());
  }, 3_600_000);

  test('in so many orders', () => {
    console.log(`${orders} orders of statements, crashes among them, were played on PostgreSQL`);
    expect(orders).toBeGreaterThan(300);
  });
});

type Flaw = (client: MysqlPool) => MysqlPool;

/** Statements that are not what they should be, or come when they should not. */
const flaws: Readonly<Record<string, Flaw>> = {
  'the epoch is not raised': (client) =>
    sendingThrough(client, async (send, statement, values) =>
      isOf(statement, 'raiseEpoch') ? NOTHING_DONE : send(statement, values),
    ),

  'the epoch is raised when the list was read': delaying('raiseEpoch', 'listBy'),

  'a sign-in is entered when its session is there': delaying('enter', 'insert'),

  'a change is written over whatever there is': (client) =>
    sendingThrough(client, (send, statement, values) =>
      send({ ...statement, sql: statement.sql.replace('revision = ?', '(revision = ? OR TRUE)') }, values),
    ),
};

const NOTHING_DONE = [{ affectedRows: 1 }] as const;

function isOf(
  { sql }: { readonly sql: string },
  name: 'raiseEpoch' | 'listBy' | 'enter' | 'insert',
): boolean {
  // Their names are those of tables with another prefix.
  const table = /`\w*?_(sessions|indexes|index_members|schema)`/g;
  return sql.replaceAll(table, '$1') === statementsOn('x_')[name].text.replaceAll(table, '$1');
}

/** One statement is sent only when the next one of another kind was answered. */
function delaying(late: Parameters<typeof isOf>[1], after: Parameters<typeof isOf>[1]): Flaw {
  return (client) => {
    let held: (() => Promise<unknown>) | undefined;
    return sendingThrough(client, async (send, statement, values) => {
      if (isOf(statement, late)) {
        held = () => send(statement, values);
        return NOTHING_DONE;
      }
      const answer = await send(statement, values);
      if (isOf(statement, after)) {
        await held?.();
        held = undefined;
      }
      return answer;
    });
  };
}

type Execute = MysqlPool['execute'];

function sendingThrough(
  client: MysqlPool,
  execute: (send: Execute, ...call: Parameters<Execute>) => ReturnType<Execute>,
): MysqlPool {
  return {
    execute: (...call) => execute((...sent) => client.execute(...sent), ...call),
    getConnection: () => client.getConnection(),
  };
}

describe('nothing is live and unlisted on MariaDB, and nothing outlives the end of all', () => {
  const opened = opening(statementwise.MariaDB);
  const open = async (wrong?: (client: MysqlPool) => MysqlPool): Promise<OpenedForInterleavings> => ({
    ...(await opened(wrong)),
    admitsInSteps: true,
  });
  let orders = 0;
  beforeEach(() => {
    // A change that lost a race pauses for some milliseconds: here, until everybody else is at a gate.
    const { setTimeout: later } = globalThis;
    vi.stubGlobal('setTimeout', (run: () => void, after = 0) =>
      after > 32 ? later(run, after) : setImmediate(run),
    );
  });

  // With a limit, a sign-in takes so many steps that crashes are left to the long form.
  const plays = [...small, ...(LONG ? larger : [])].map((scenario) => ({
    name: scenario.name,
    scenario,
    crashes: LONG || scenario.limit === undefined,
  }));
  test.each(
    plays,
  )('in any order of statements, whoever is killed between two: $name (ASVS-7.1.2, ASVS-7.4.3, ASVS-7.5.2)', async ({
    scenario,
    crashes,
  }) => {
    orders += await playEvery(scenario, () => open(), { crashes });
  }, 3_600_000);

  test('in so many orders', () => {
    console.log(`${orders} orders of statements, crashes among them, were played on MariaDB`);
    expect(orders).toBeGreaterThan(600);
  });

  test.each(Object.keys(flaws))('playing every order finds: %s', async (name) => {
    let found = '';
    for (const scenario of small) {
      await playEvery(scenario, () => open(flaws[name])).catch((error: Error) => (found ||= error.message));
      if (found) break;
    }
    if (process.env['HOLDFAST_SHOW']) console.log(name, found);
    expect(found).toMatch(/ after\n/);
  }, 60_000);
});
