/**
 * What sessions take in Redis, beside connect-redis, and whether a request and a list cost the same among a million.
 *
 * `npm run redis-size -w bench`
 */
import { createClient } from 'redis';
import { redisStore } from 'holdfast/stores/redis';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';
import { peer } from './peers.ts';
import { sessionRecord } from './session-record.ts';

const IN_FLIGHT = 100;
const CALLS = 20_000;
const ROUNDS = 7;
const SESSIONS_OF_ONE_USER = 5;
const counts = process.argv.slice(2).map(Number);
const sizes = counts.length > 0 ? counts : [1_000, 10_000, 100_000, 1_000_000];

const server = await startRedis();
const client = createClient({ url: server.url });
client.on('error', () => undefined);
await client.connect();
const store = redisStore(client, { onWarning: () => undefined });

const info = async (section: string): Promise<string> => String(await client.sendCommand(['INFO', section]));
const usedMemory = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await info('memory'))?.[1]);
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

async function inFlight(from: number, to: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = from;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < to) await run(next++);
    }),
  );
}

async function signIn(i: number): Promise<void> {
  const record = sessionRecord(i);
  const [index = ''] = record.indexes;
  await store.admit(index, record.id, record.createdAt);
  await store.insert(record);
}

async function sizeOf(count: number, write: (i: number) => Promise<unknown>): Promise<string> {
  await client.sendCommand(['FLUSHALL']);
  const before = await usedMemory();
  await inFlight(0, count, write);
  return (((await usedMemory()) - before) / count).toFixed(0);
}

console.log(`Redis ${/redis_version:(.*?)\r/.exec(await info('server'))?.[1]}\n`);
const COUNT = Math.min(100_000, Math.max(...sizes));
const { RedisStore } = await peer<{
  RedisStore: new (options: object) => { set(id: string, session: object): Promise<void> };
}>('connect-redis');
const theirs = new RedisStore({ client });
const anonymous = await sizeOf(COUNT, (i) => store.insert({ ...sessionRecord(i), indexes: [] }));
const listed = await sizeOf(COUNT, signIn);
const connectRedis = await sizeOf(COUNT, (i) => {
  const { id, userId, client: device, data } = sessionRecord(i);
  const values = Object.fromEntries([...data].map(([key, { value }]) => [key, JSON.parse(value)]));
  const cookie = {
    originalMaxAge: 28_800_000,
    expires: new Date(Date.now() + 28_800_000),
    httpOnly: true,
    secure: true,
    path: '/',
    sameSite: 'lax',
  };
  return theirs.set(id.padEnd(32, 'x'), { cookie, userId, ...device, ...values });
});
console.log(
  `Bytes a session, over ${COUNT} sessions of as many users with 100 bytes of data and the same client\n`,
);
console.log('| | bytes |\n|---|---|');
console.log(`| Holdfast, the record | ${anonymous} |`);
console.log(`| Holdfast, with its entry in the user's index | ${listed} |`);
console.log(`| connect-redis: no index, no hashes, no limits, no second secret | ${connectRedis} |`);

/** Microseconds of the server's CPU for each call, and of the clock with one call after another. */
async function cost(run: (i: number) => unknown, calls: number): Promise<string> {
  const cpu: number[] = [];
  const wall: number[] = [];
  const used = async (): Promise<number> => {
    const text = await info('cpu');
    const seconds = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)?.[1]);
    return seconds('used_cpu_user_main_thread') + seconds('used_cpu_sys_main_thread');
  };
  for (let round = 0; round < ROUNDS; round++) {
    const before = await used();
    const start = performance.now();
    for (let i = 0; i < calls; i++) await run(i);
    wall.push(((performance.now() - start) * 1_000) / calls);
    cpu.push((((await used()) - before) * 1e6) / calls);
  }
  return `${median(cpu).toFixed(1)} | ${median(wall).toFixed(0)}`;
}

console.log(
  `\nOne call after another, median of ${ROUNDS} rounds, in microseconds: the server's CPU, and the clock\n`,
);
console.log(`| sessions | read | | touch | | list one user's ${SESSIONS_OF_ONE_USER} | |`);
console.log('|---|---|---|---|---|---|---|');
await client.sendCommand(['FLUSHALL']);
let filled = 0;
for (const size of sizes) {
  await inFlight(filled, size, signIn);
  filled = size;
  const mine = Array.from({ length: SESSIONS_OF_ONE_USER }, () => ({
    ...sessionRecord(size),
    userId: 'ada',
    indexes: ['user:ada'],
  }));
  for (const record of mine) {
    await store.admit('user:ada', record.id, record.createdAt);
    await store.insert(record);
  }
  // Spread over the keys, so that no cache of the processor flatters the large ones.
  const ids: string[] = [];
  for (let i = 0; i < 2_000; i++) {
    const key = String(await client.sendCommand(['RANDOMKEY']));
    if (key.startsWith('holdfast:s:')) ids.push(key.slice('holdfast:s:'.length));
  }
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  let seen = sessionRecord(0).lastSeenAt;
  const read = await cost((i) => store.read(idAt(i)), CALLS);
  const touch = await cost((i) => store.apply(idAt(i), { epoch: 1, at: ++seen, touch: seen }), CALLS);
  const list = await cost(() => store.listBy('user:ada'), CALLS / 10);
  for (const { id } of mine) await store.apply(id, { end: { reason: 'revoked', at: seen, tombstoneFor: 0 } });
  console.log(`| ${size.toLocaleString('en')} | ${read} | ${touch} | ${list} |`);
}
client.destroy();
await server.stop();
