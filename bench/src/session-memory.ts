/**
 * What a session takes in the memory of the process: the heap before and after a hundred thousand of them, each of a user of its
 * own with one field, put in as the library itself does.
 *
 * `node --expose-gc src/session-memory.ts <which>` says it in bytes.
 */
import { run, workspace } from '../../tools/lib/workspace.ts';
import { peer } from './peers.ts';

const SESSIONS = 100_000;

interface Keeper {
  readonly title: string;
  /** Loads the library; what it returns fills, and returns what keeps the sessions, so that none is collected. */
  prepare(): Promise<() => unknown>;
}

const userOf = (i: number): { userId: string; color: string } => ({ userId: `user-${i}`, color: 'blue' });

interface Store {
  set(id: string, session: object, done: () => void): unknown;
}

interface HasStore {
  readonly MemoryStore: new () => Store;
}

/** What express-session and those like it put into their stores. */
async function fillLikeExpress(store: Store): Promise<unknown> {
  for (let i = 0; i < SESSIONS; i++) {
    const cookie = {
      originalMaxAge: 1_800_000,
      expires: new Date(Date.now() + 1_800_000),
      httpOnly: true,
      path: '/',
      sameSite: 'lax',
    };
    await new Promise<void>((done) => {
      store.set(`${i}`.padStart(32, 'x'), { cookie, ...userOf(i) }, done);
    });
  }
  return store;
}

const KEEPERS: Readonly<Record<string, Keeper>> = {
  holdfast: {
    title: '**Holdfast**, memory',
    async prepare() {
      process.env['BENCH_FILL'] = '1';
      const { holdfast } = await import('./servers/holdfast.ts');
      const made = await holdfast({ store: 'memory', redisUrl: '', postgresUrl: '', mysqlUrl: '' });
      await made.fill(1);
      return async () => {
        await made.fill(SESSIONS);
        return made;
      };
    },
  },
  'by-hand': {
    title: 'by hand, a `Map` of hashes',
    async prepare() {
      const { createHash, randomBytes } = await import('node:crypto');
      return () => {
        const records = new Map<string, object>();
        for (let i = 0; i < SESSIONS; i++) {
          const hash = createHash('sha256').update(String(i)).digest('base64url');
          const { userId, color } = userOf(i);
          const record = { hash, userId, expiresAt: Date.now() + i, data: { color } };
          records.set(randomBytes(16).toString('base64url'), record);
        }
        return records;
      };
    },
  },
  'express-session': {
    title: 'express-session, MemoryStore',
    async prepare() {
      const { default: session } = await peer<{ default: HasStore }>('express-session');
      return () => fillLikeExpress(new session.MemoryStore());
    },
  },
  '@fastify/session': {
    title: '@fastify/session, its memory store',
    async prepare() {
      const { default: session } = await peer<{ default: HasStore }>('@fastify/session');
      return () => fillLikeExpress(new session.MemoryStore());
    },
  },
  'hono-sessions': {
    title: 'hono-sessions, MemoryStore',
    async prepare() {
      interface TheirStore {
        createSession(id: string, data: object): unknown;
      }
      const { MemoryStore } = await peer<{ MemoryStore: new () => TheirStore }>('hono-sessions');
      const entry = (value: unknown): object => ({ value, flash: false });
      return () => {
        const store = new MemoryStore();
        for (let i = 0; i < SESSIONS; i++) {
          const { userId, color } = userOf(i);
          const data = { userId: entry(userId), color: entry(color) };
          const dates = { _expire: new Date().toISOString(), _accessed: new Date().toISOString() };
          store.createSession(crypto.randomUUID(), { ['_data']: data, ...dates, _delete: false });
        }
        return store;
      };
    },
  },
};

export interface SessionMemory {
  readonly title: string;
  readonly bytes: number;
}

export async function sessionMemories(): Promise<SessionMemory[]> {
  const found: SessionMemory[] = [];
  for (const [which, { title }] of Object.entries(KEEPERS)) {
    const args = ['--expose-gc', 'bench/src/session-memory.ts', which];
    const { code, output } = await run(process.execPath, args, { cwd: workspace });
    if (code !== 0) throw new Error(`${which}: ${output}`);
    found.push({ title, bytes: Number(output.trim()) });
  }
  return found;
}

async function measure({ prepare }: Keeper): Promise<number> {
  const heap = (): number => {
    (globalThis as { gc?: () => void }).gc?.();
    return process.memoryUsage().heapUsed;
  };
  const fill = await prepare();
  const before = heap();
  const kept = await fill();
  const bytes = (heap() - before) / SESSIONS;
  return kept ? bytes : Number.NaN;
}

if (import.meta.main) {
  const keeper = KEEPERS[process.argv[2] ?? ''];
  if (!keeper) throw new Error(`write one of ${Object.keys(KEEPERS).join(', ')}`);
  console.log((await measure(keeper)).toFixed(0));
  process.exit();
}
