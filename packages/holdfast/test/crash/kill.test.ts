/** `kill -9` under load: nothing that was acknowledged is lost, and nothing that ended is alive. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';

const KILLS = process.env['HOLDFAST_LONG'] ? 50 : 4;
const CLIENTS = 8;

let folder: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-kill-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<string> {
  const started = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server.ts'), join(folder, 'sessions.db')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child = started;
  for await (const line of createInterface({ input: started.stdout })) return `http://127.0.0.1:${line}`;
  throw new Error('the server did not start');
}

interface Client {
  cookie: string;
  readonly acknowledged: Set<string>;
  readonly ended: string[];
  count: number;
  unknownCount: number;
}

/** One browser, going about its business until the server is gone. Returns how many requests were acknowledged. */
async function use(url: string, client: Client, nextKey: () => string): Promise<number> {
  let acknowledged = 0;
  const ask = async (path: string): Promise<void> => {
    const response = await fetch(url + path, { headers: { cookie: client.cookie } });
    await response.text();
    if (response.status !== 200) throw new Error(`status ${response.status} for ${path}`);
    const [set] = response.headers.getSetCookie();
    if (set) client.cookie = set.split(';')[0] ?? '';
    acknowledged++;
  };
  try {
    for (let round = 0; ; round++) {
      if (!client.cookie || client.cookie.endsWith('=')) await ask('/sign-in');
      const key = nextKey();
      await ask(`/set?key=${key}`);
      client.acknowledged.add(key);
      client.unknownCount++;
      await ask('/increment');
      client.unknownCount--;
      client.count++;
      if (round % 7 === 6) {
        const { cookie } = client;
        await ask('/sign-out');
        client.ended.push(cookie);
        client.acknowledged.clear();
        client.count = 0;
        client.unknownCount = 0;
        client.cookie = '';
      }
    }
  } catch (error) {
    // Nothing but the death of the server ends a client.
    if (!child?.killed) throw error;
    return acknowledged;
  }
}

test(`a server killed ${KILLS} times under load loses no acknowledged change, and revives no ended session (invariants 6, 8)`, async () => {
  const clients: Client[] = Array.from({ length: CLIENTS }, () => ({
    cookie: '',
    acknowledged: new Set<string>(),
    ended: [],
    count: 0,
    unknownCount: 0,
  }));
  let keys = 0;
  const counts = { acknowledged: 0, checkedKeys: 0, checkedEnds: 0 };

  for (let kill = 0; kill < KILLS; kill++) {
    const url = await start();
    // After some number of requests, at whatever instant that is: the same in no two rounds.
    let left = 20 + ((kill * 37) % 90);
    const running = clients.map((client) =>
      use(url, client, () => {
        if (--left === 0) child?.kill('SIGKILL');
        return `k${keys++}`;
      }),
    );
    for (const acknowledged of await Promise.all(running)) counts.acknowledged += acknowledged;

    const again = await start();
    for (const client of clients) {
      for (const cookie of client.ended) {
        const answer = (await (await fetch(again, { headers: { cookie } })).json()) as {
          user: string | null;
        };
        expect(answer.user).toBeNull();
        counts.checkedEnds++;
      }
      // A sign-out or a sign-in whose answer was lost may have happened: then there is nothing left to compare.
      const response = await fetch(again, { headers: { cookie: client.cookie } });
      const state = (await response.json()) as { user: string | null; data: Record<string, unknown> };
      if (state.user === null) {
        client.cookie = '';
        client.acknowledged.clear();
        client.count = 0;
        client.unknownCount = 0;
        continue;
      }
      for (const key of client.acknowledged) {
        expect(state.data[key]).toBe(true);
        counts.checkedKeys++;
      }
      const counter = Number(state.data['counter'] ?? 0);
      expect(counter).toBeGreaterThanOrEqual(client.count);
      expect(counter).toBeLessThanOrEqual(client.count + client.unknownCount);
      client.count = counter;
      client.unknownCount = 0;
    }
    child?.kill('SIGKILL');
  }

  console.log(
    `killed ${KILLS} times: ${counts.acknowledged} acknowledged requests; ${counts.checkedKeys} keys present, ${counts.checkedEnds} ended sessions dead`,
  );
  expect(counts.checkedKeys).toBeGreaterThan(0);
  expect(counts.checkedEnds).toBeGreaterThan(0);
}, 600_000);
