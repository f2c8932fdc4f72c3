/**
 * What three ways of writing a record in Redis cost: bytes, the reading of a session, and the change that most requests
 * make at most (when it was last seen). The server's own time is from its `commandstats`.
 *
 * `npm run redis-layout -w bench`
 */
import { createClient } from 'redis';
import type { SessionRecord } from '../../packages/holdfast/src/record.ts';
import { packRecord, unpackRecord } from '../../packages/holdfast/src/stores/redis/record.ts';
import { TOUCH } from '../../packages/holdfast/src/stores/redis/scripts.ts';
import { startRedis } from '../../packages/holdfast/test/support/redis/server.ts';
import { sessionRecord } from './session-record.ts';

const SESSIONS = 20_000;
const CALLS = 40_000;
const IN_FLIGHT = 50;
const ROUNDS = 5;
const TTL = '28800000';

interface Layout {
  readonly name: string;
  readonly read: readonly string[];
  readonly touch: string;
  write(record: SessionRecord): readonly string[];
  parse(id: string, reply: never): SessionRecord;
  touchArguments(record: SessionRecord): readonly string[];
}

/** As a hash: one field for each part, and one for each key of the data. */
function fieldsOf(record: SessionRecord): Record<string, string> {
  const { data, system, id: _, ...rest } = record;
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) fields[name] = JSON.stringify(value);
  for (const [key, { value, version, schemaVersion }] of data)
    fields[`d:${key}`] = `${version}:${schemaVersion}:${value}`;
  for (const [key, value] of system) fields[`s:${key}`] = value;
  return fields;
}

function recordOf(id: string, fields: Record<string, string>): SessionRecord {
  const record: Record<string, unknown> = { id };
  const data = new Map();
  const system = new Map();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('d:')) {
      const [, version, schemaVersion, text] = /^(\d+):(\d+):(.*)$/s.exec(value) ?? [];
      data.set(name.slice(2), {
        value: text,
        version: Number(version),
        schemaVersion: Number(schemaVersion),
      });
    } else if (name.startsWith('s:')) system.set(name.slice(2), value);
    else record[name] = JSON.parse(value);
  }
  return { ...record, data, system } as unknown as SessionRecord;
}

/** As a JSON object with names: what is read and written without a word about the layout. */
function objectText(record: SessionRecord): string {
  return JSON.stringify({ ...record, data: [...record.data], system: [...record.system] });
}

function recordOfObject(text: string): SessionRecord {
  const { data, system, ...rest } = JSON.parse(text);
  return { ...rest, data: new Map(data), system: new Map(system) } as SessionRecord;
}

const HASH_TOUCH = `
local at, epoch, deadline = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[1])
local h = redis.call('HMGET', KEYS[1], 'epoch', 'lastSeenAt', 'absoluteExpiresAt', 'ended', 'secretHash', 'renewalSalt', 'dataVersion')
if not h[1] or h[4] then return {2} end
if deadline >= tonumber(h[3]) then return {2} end
if h[1] ~= epoch then return {3} end
if at > tonumber(h[2]) then redis.call('HSET', KEYS[1], 'lastSeenAt', ARGV[1]) end
return {1, 0, '', h[5], h[6] or '', tonumber(h[7])}`;

const JSON_TOUCH = `
local r = cjson.decode(redis.call('GET', KEYS[1]))
local at = tonumber(ARGV[1])
if r.ended then return {2} end
if at >= r.absoluteExpiresAt then return {2} end
if r.epoch ~= tonumber(ARGV[2]) then return {3} end
if at > r.lastSeenAt then
  r.lastSeenAt = at
  redis.call('SET', KEYS[1], cjson.encode(r), 'KEEPTTL')
end
return {1, 0, '', r.secretHash, r.renewalSalt or '', r.dataVersion}`;

let clock = 0;
const nextInstant = (record: SessionRecord): number => record.lastSeenAt + ++clock;

const layouts: readonly Layout[] = [
  {
    name: 'hash, a field for each part',
    write: (record) => ['HSET', record.id, ...Object.entries(fieldsOf(record)).flat()],
    read: ['HGETALL'],
    parse: (id, reply) => recordOf(id, Object.fromEntries(Object.entries(reply as Record<string, string>))),
    touch: HASH_TOUCH,
    touchArguments: (record) => [String(nextInstant(record)), String(record.epoch)],
  },
  {
    name: 'string, one JSON object',
    write: (record) => ['SET', record.id, objectText(record), 'PX', TTL],
    read: ['GET'],
    // The server's JSON library writes an empty list as an object.
    parse: (_, reply) => recordOfObject((reply as string).replace('"system":{}', '"system":[]')),
    touch: JSON_TOUCH,
    touchArguments: (record) => [String(nextInstant(record)), String(record.epoch)],
  },
  {
    name: 'string, three lines by position',
    write: (record) => ['SET', record.id, packRecord(record), 'PX', TTL],
    read: ['GET'],
    parse: (id, reply) => unpackRecord(id, reply),
    touch: TOUCH,
    touchArguments: (record) => {
      const at = String(nextInstant(record));
      return [at, String(record.epoch), at];
    },
  },
];

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const server = await startRedis();
const client = createClient({ url: server.url, RESP: 3 });
client.on('error', () => undefined);
await client.connect();

async function inFlight(count: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < count) await run(next++);
    }),
  );
}

const info = async (section: string): Promise<string> => String(await client.sendCommand(['INFO', section]));

/** Of the script with all that it calls: the calls' own times are inside it. */
async function serverMicroseconds(command: string): Promise<number> {
  const line = new RegExp(`cmdstat_${command.toLowerCase()}:.*usec_per_call=([\\d.]+)`).exec(
    await info('commandstats'),
  );
  return Number(line?.[1]);
}

console.log(
  `Redis ${/redis_version:(.*?)\r/.exec(await info('server'))?.[1]}, ${SESSIONS} sessions, ${CALLS} calls a round, ${IN_FLIGHT} in flight, median of ${ROUNDS} rounds.\n`,
);
for (const bytes of [100, 8_000]) {
  console.log(`Data: ${bytes} bytes in two keys\n`);
  console.log(
    '| layout | bytes a session | read, µs of the server | read and parsed, µs of client CPU | touch, µs of the server | touch, µs of client CPU |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const layout of layouts) {
    await client.sendCommand(['FLUSHALL']);
    const records = Array.from({ length: SESSIONS }, (_, i) => sessionRecord(i, bytes));
    const before = Number(/used_memory:(\d+)/.exec(await info('memory'))?.[1]);
    await inFlight(SESSIONS, async (i) => {
      const record = records[i] as SessionRecord;
      await client.sendCommand([...layout.write(record)]);
      if (layout.read[0] === 'HGETALL') await client.sendCommand(['PEXPIRE', record.id, TTL]);
    });
    const size = (Number(/used_memory:(\d+)/.exec(await info('memory'))?.[1]) - before) / SESSIONS;
    const sha = String(await client.sendCommand(['SCRIPT', 'LOAD', layout.touch]));
    const figures: number[][] = [[], [], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      await client.sendCommand(['CONFIG', 'RESETSTAT']);
      let cpu = process.cpuUsage();
      await inFlight(CALLS, async (i) => {
        const { id } = records[i % SESSIONS] as SessionRecord;
        const reply = await client.sendCommand([...layout.read, id]);
        if (layout.parse(id, reply as never).epoch < 0) throw new Error('no record');
      });
      const used = (): number => {
        const { user, system } = process.cpuUsage(cpu);
        return (user + system) / CALLS;
      };
      figures[0]?.push(await serverMicroseconds(layout.read[0] ?? ''));
      figures[1]?.push(used());
      cpu = process.cpuUsage();
      await inFlight(CALLS, async (i) => {
        const record = records[i % SESSIONS] as SessionRecord;
        const reply = await client.sendCommand([
          'EVALSHA',
          sha,
          '1',
          record.id,
          ...layout.touchArguments(record),
        ]);
        if ((reply as unknown as unknown[])[0] !== 1) throw new Error(`touch: ${String(reply)}`);
      });
      figures[3]?.push(used());
      figures[2]?.push(await serverMicroseconds('EVALSHA'));
    }
    const [read, readCpu, touch, touchCpu] = figures.map((values) => median(values).toFixed(1));
    console.log(`| ${layout.name} | ${size.toFixed(0)} | ${read} | ${readCpu} | ${touch} | ${touchCpu} |`);
  }
  console.log('');
}
client.destroy();
await server.stop();
