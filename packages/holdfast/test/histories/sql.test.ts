import { afterAll, beforeAll, describe, test } from 'vitest';
import { storeHistories } from '../../src/testing/index.ts';
import { LONG } from '../support/long.ts';
import { drivers, type SqlClient } from '../support/sql/drivers.ts';

/** Three pools, as three servers have. */
const HANDLES = 3;

describe.each(drivers)('random histories: $name', (driver) => {
  let url: string;
  let clients: readonly SqlClient[] = [];
  beforeAll(async () => {
    url = await driver.url();
    clients = Array.from({ length: HANDLES }, () => driver.connect(url, 2));
  }, 60_000);
  afterAll(async () => void (await Promise.all(clients.map(({ close }) => close()))));

  const open = async () => {
    const space = await driver.newSpace(url);
    const stores = clients.map((client) => client.store(space));
    let next = 1;
    return {
      store: stores[0] as (typeof stores)[0],
      another: async () => stores[next++ % HANDLES] as (typeof stores)[0],
      close: () => driver.drop(url, space),
    };
  };
  for (const { name, run } of storeHistories({ open, histories: LONG ? 1_000 : 20 }))
    test(name, run, 600_000);
});
