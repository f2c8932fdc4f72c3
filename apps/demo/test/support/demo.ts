/** The application as `npm start` runs it, in this process: on a free port, with a clock and a gate to be moved. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { SessionEvent } from 'holdfast';
import { type ManualClock, manualClock } from 'holdfast/testing';
import { createApp } from '../../src/app.ts';
import type { Timeouts } from '../../src/config.ts';
import { DEMO_PASSWORD, DEMO_USERNAME, seedDemoAccount } from '../../src/demo-account.ts';
import type { FlawName } from '../../src/flaws/index.ts';
import { listen } from '../../src/server.ts';
import { openStorage, type Storage } from '../../src/storage.ts';
import { createUsers, type Users } from '../../src/users.ts';
import { Client, type Witness } from './client.ts';
import { Gate } from './gate.ts';

export type StoreKind = 'memory' | 'sqlite';
export const STORES: readonly StoreKind[] = ['memory', 'sqlite'];

export interface Demo {
  readonly origin: string;
  readonly clock: ManualClock;
  readonly gate: Gate;
  readonly users: Users;
  readonly storage: Storage;
  readonly events: SessionEvent[];
  client(userAgent?: string): Client;
  close(): Promise<void>;
}

export interface DemoOptions {
  readonly kind?: StoreKind;
  readonly timeouts?: Timeouts;
  readonly hasDemoAccount?: boolean;
  /** Puts something around the storage: a fault, a look. */
  readonly wrap?: (storage: Storage) => Storage;
  readonly clock?: ManualClock;
  readonly without?: readonly FlawName[];
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { kind = 'memory', timeouts = {}, hasDemoAccount = false, wrap = (it) => it } = options;
  const folder = kind === 'sqlite' ? mkdtempSync(join(tmpdir(), 'holdfast-demo-')) : undefined;
  const place = folder
    ? ({ kind: 'sqlite', path: join(folder, 'demo.sqlite') } as const)
    : ({ kind: 'memory' } as const);
  const opened = await openStorage({ store: place, users: place });
  const storage = wrap(opened);
  const clock = options.clock ?? manualClock();
  const gate = new Gate();
  const events: SessionEvent[] = [];
  const witness: Witness = { secrets: new Set(), bodies: [] };
  const users = await createUsers(storage.accounts);
  if (hasDemoAccount) await seedDemoAccount(users);
  const app = createApp({
    store: storage.store,
    users,
    clock,
    timeouts,
    without: options.without ?? [],
    wait: gate.wait,
    onEvent: (event) => events.push(event),
    ...(hasDemoAccount && { demoAccount: { username: DEMO_USERNAME, password: DEMO_PASSWORD } }),
  });
  const server = await listen(app, 0);
  const origin = `http://localhost:${server.port}`;
  const clients: Client[] = [];
  return {
    origin,
    clock,
    gate,
    users,
    storage,
    events,
    client(userAgent) {
      const client = new Client(origin, witness, userAgent);
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      await server.stop();
      await storage.close();
      leaveForCanary(witness, events, folder);
      if (folder) rmSync(folder, { recursive: true });
    },
  };
}

/** No secret that a client was given may be in any body, event or byte of the database: a gate looks for each. */
function leaveForCanary(
  { secrets, bodies }: Witness,
  events: readonly SessionEvent[],
  folder?: string,
): void {
  if (secrets.size === 0) return;
  const canary = resolve(import.meta.dirname, '../../../../.canary');
  const name = `demo-${randomUUID()}`;
  mkdirSync(join(canary, 'secrets'), { recursive: true });
  mkdirSync(join(canary, 'captured'), { recursive: true });
  writeFileSync(join(canary, 'secrets', `${name}.txt`), [...secrets].join('\n'));
  const log = events.map((event) => JSON.stringify(event));
  writeFileSync(join(canary, 'captured', `${name}.txt`), [...bodies, ...log].join('\n'));
  if (folder) {
    writeFileSync(join(canary, 'captured', `${name}.sqlite`), readFileSync(join(folder, 'demo.sqlite')));
  }
}
