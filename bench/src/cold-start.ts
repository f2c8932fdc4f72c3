/**
 * How long a process takes until it has answered its first request, which stores a field in a new session; and how long modules
 * take to load. Each program is plain JavaScript in a process of its own, as short as an application could be.
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readManifest, subpathsOf } from '../../tools/lib/package.ts';
import { workspace } from '../../tools/lib/workspace.ts';
import { nodeOn } from './machine.ts';

export interface ColdStart {
  readonly title: string;
  readonly group: string;
  readonly isOurs: boolean;
  /** Of each round, in milliseconds: by the clock, and of the processor. */
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

const SECRET = "'a secret of the benchmark, longer than 32 characters'";

/** Says when the first answer is out, and what it took. */
const SERVE = `
const serve = (server) => {
  server.on('request', (req, res) => res.on('finish', () => process.send({ cpu: process.cpuUsage() })));
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
};`;

interface Program {
  readonly title: string;
  readonly group: string;
  readonly code: string;
}

const EXPRESS = (imports: string, use: string, write: string): string => `${imports}
import { createServer } from 'node:http';
import express from 'express';
${SERVE}
const app = express();
${use}
app.get('/', (req, res) => { ${write} res.send('hello'); });
serve(createServer(app));`;

const NODE = (imports: string, around: string, write: string): string => `${imports}
import { createServer } from 'node:http';
${SERVE}
serve(createServer(${around}((req, res) => { ${write} res.end('hello'); })));`;

const HONO = (imports: string, make: string, write: string, fetch = 'app.fetch'): string => `${imports}
import { Hono } from 'hono';
import { createAdaptorServer } from '@hono/node-server';
${SERVE}
const app = new Hono();
${make}
app.get('/', async (c) => { ${write} return c.text('hello'); });
serve(createAdaptorServer({ fetch: ${fetch} }));`;

const FASTIFY = (imports: string, register: string, write: string, around = ''): string => `${imports}
import { createServer } from 'node:http';
import fastify from 'fastify';
${SERVE}
const app = fastify({ serverFactory: (handler) => createServer(${around}((req, res) => handler(req, res))) });
${register}
app.get('/', async (request, reply) => { ${write} return 'hello'; });
await app.ready();
serve(app.server);`;

const HOLDFAST = (adapter: string, make: string): string => `
import { createSessions } from 'holdfast';
import { memoryStore } from 'holdfast/stores/memory';
import { ${adapter}Sessions } from 'holdfast/${adapter}';
const { ${make}, sessionOf } = ${adapter}Sessions(createSessions({ store: memoryStore() }));`;

const program = (group: string, title: string, code: string): Program => ({ group, title, code });
const OURS = '**Holdfast**, memory';
const BARE = 'the framework alone';

const PROGRAMS: readonly Program[] = [
  program('node:http', BARE, NODE('', '', '')),
  program(
    'node:http',
    OURS,
    NODE(HOLDFAST('node', 'withSession'), 'withSession', "sessionOf(req).set('n', 1);"),
  ),
  program('Express', BARE, EXPRESS('', '', '')),
  program(
    'Express',
    OURS,
    EXPRESS(HOLDFAST('express', 'middleware'), 'app.use(middleware);', "sessionOf(req).set('n', 1);"),
  ),
  program(
    'Express',
    'express-session, MemoryStore',
    EXPRESS(
      "import session from 'express-session';",
      `app.use(session({ secret: ${SECRET}, resave: false, saveUninitialized: false, store: new session.MemoryStore() }));`,
      'req.session.n = 1;',
    ),
  ),
  program(
    'Express',
    'cookie-session',
    EXPRESS(
      "import session from 'cookie-session';",
      `app.use(session({ secret: ${SECRET} }));`,
      'req.session.n = 1;',
    ),
  ),
  program('Fastify', BARE, FASTIFY('', '', '')),
  program(
    'Fastify',
    OURS,
    FASTIFY(HOLDFAST('node', 'withSession'), '', "sessionOf(request.raw).set('n', 1);", 'withSession'),
  ),
  program(
    'Fastify',
    '@fastify/session, memory',
    FASTIFY(
      "import cookie from '@fastify/cookie'; import session from '@fastify/session';",
      `app.register(cookie); app.register(session, { secret: ${SECRET}, saveUninitialized: false, cookie: { secure: false } });`,
      'request.session.n = 1;',
    ),
  ),
  program(
    'Fastify',
    '@fastify/secure-session',
    FASTIFY(
      "import session from '@fastify/secure-session';",
      'app.register(session, { key: Buffer.alloc(32, 7) });',
      "request.session.set('n', 1);",
    ),
  ),
  program('Hono', BARE, HONO('', '', '')),
  program(
    'Hono',
    OURS,
    HONO(
      HOLDFAST('fetch', 'withSession'),
      '',
      "sessionOf(c.req.raw).set('n', 1);",
      'withSession((request) => app.fetch(request), { remoteAddress: () => undefined })',
    ),
  ),
  program(
    'Hono',
    'iron-session',
    HONO(
      "import { getIronSession, webCookies } from 'iron-session';",
      '',
      `const headers = new Headers(); const session = await getIronSession(webCookies(c.req.raw, headers), { password: ${SECRET}, cookieName: 'iron' });
session.n = 1; await session.save(); c.header('Set-Cookie', headers.get('set-cookie'));`,
    ),
  ),
  program(
    'Hono',
    'hono-sessions, memory',
    HONO(
      "import { sessionMiddleware, MemoryStore } from 'hono-sessions';",
      'app.use(sessionMiddleware({ store: new MemoryStore(), expireAfterSeconds: 1800 }));',
      "c.get('session').set('n', 1);",
    ),
  ),
];

/** What peers are loaded as. */
const MODULES: readonly string[] = [
  'express-session',
  'connect-redis',
  'connect-pg-simple',
  'cookie-session',
  '@fastify/session',
  '@fastify/secure-session',
  'iron-session',
  'hono-sessions',
  'koa-session',
  'better-auth',
];

interface Took {
  readonly wall: number;
  readonly cpu: number;
}

interface Said {
  readonly port?: number;
  readonly cpu?: NodeJS.CpuUsage;
  readonly took?: Took;
}

/** From the folder of the peers, where both they and the workspace's own package are found. */
function start(code: string, cpu: number | undefined, hear: (said: Said) => void): Promise<void> {
  const node = ['--input-type=module', '--eval', code];
  const [command, ...args] = nodeOn(cpu, node);
  const child = spawn(command, args, {
    cwd: join(workspace, 'bench/peers'),
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return new Promise((done, fail) => {
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
    let isDone = false;
    child.once('error', fail);
    child.on('message', (said: Said) => {
      hear(said);
      if (!said.cpu && !said.took) return;
      isDone = true;
      child.kill('SIGKILL');
    });
    child.once('exit', () => {
      clearTimeout(late);
      if (isDone) done();
      else fail(new Error(`a program ended before it answered\n${printed}`));
    });
  });
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

async function firstAnswer({ code }: Program, cpu: number | undefined): Promise<Took> {
  const startedAt = performance.now();
  const took = { wall: Number.NaN, cpu: Number.NaN };
  let text = '';
  let answered: Promise<unknown> = Promise.resolve();
  await start(code, cpu, (said) => {
    if (said.cpu) took.cpu = milliseconds(said.cpu);
    const { port } = said;
    if (port === undefined) return;
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('latin1').write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    answered = new Promise<void>((done) => {
      socket.once('data', (first: string) => {
        took.wall = performance.now() - startedAt;
        text = first;
        done();
      });
      socket.once('error', () => done());
    });
  });
  await answered;
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`the first answer is wrong: ${text.slice(0, 200)}`);
  const isBare = !/[sS]ession/.test(code);
  if (!isBare && !/\r\nset-cookie:/i.test(text)) throw new Error('the first answer sets no cookie');
  return took;
}

async function loading(specifier: string, cpu: number | undefined): Promise<Took> {
  const code = `const before = process.cpuUsage(); const start = performance.now();
await import('${specifier}');
const wall = performance.now() - start; const { user, system } = process.cpuUsage(before);
process.send({ took: { wall, cpu: (user + system) / 1000 } });`;
  let took: Took | undefined;
  await start(code, cpu, (said) => (took = said.took));
  if (!took) throw new Error('nothing was said');
  return took;
}

interface Task extends Omit<ColdStart, 'wall' | 'cpu'> {
  run(): Promise<Took>;
}

export interface ColdStarts {
  readonly starts: readonly ColdStart[];
  readonly imports: readonly ColdStart[];
  readonly failed: readonly string[];
}

/** All of them in turns, round by round. */
export async function startCold(rounds: number, cpu: number | undefined): Promise<ColdStarts> {
  const { subpaths } = subpathsOf(await readManifest(workspace));
  const starting = PROGRAMS.map((one): Task => {
    return { ...one, isOurs: one.title === OURS, run: () => firstAnswer(one, cpu) };
  });
  const importing = [...subpaths.map(({ specifier }) => specifier), ...MODULES].map((title): Task => {
    return { title, group: '', isOurs: title.startsWith('holdfast'), run: () => loading(title, cpu) };
  });
  const failed: string[] = [];
  const inTurns = async (tasks: readonly Task[]): Promise<ColdStart[]> => {
    const left = new Map(tasks.map((task) => [task, [] as Took[]]));
    // The first round fills the caches of the file system.
    for (let round = 0; round <= rounds; round++) {
      for (const [task, took] of left) {
        try {
          const one = await task.run();
          if (round > 0) took.push(one);
        } catch (error) {
          left.delete(task);
          failed.push(
            `${task.group} ${task.title}, cold start: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
    }
    return [...left].map(([{ title, group, isOurs }, took]) => {
      return { title, group, isOurs, wall: took.map((one) => one.wall), cpu: took.map((one) => one.cpu) };
    });
  };
  return { starts: await inTurns(starting), imports: await inTurns(importing), failed };
}
