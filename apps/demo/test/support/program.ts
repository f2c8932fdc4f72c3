/** The program as `npm start` runs it: processes of their own, which have to be built. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Client } from './client.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

/** Milliseconds that processes may take to come and go on a busy machine. */
export const PROCESS = 30_000;

export interface Program {
  readonly child: ChildProcess;
  /** Resolves when the program has printed this, or has ended. */
  printed(text: string | RegExp): Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ code: number | null; output: string }>;
}

export interface Started extends Program {
  readonly client: Client;
  /** Another browser, at the same program. */
  another(userAgent?: string): Client;
}

export interface Programs {
  run(env: Readonly<Record<string, string>>, args?: readonly string[]): Program;
  /** Resolves when it serves. */
  start(env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<Started>;
  /** Ends all of them. */
  stop(): Promise<void>;
}

/** @param cwd where they run */
export function programs(cwd: string): Programs {
  const running: ChildProcess[] = [];
  const clients: Client[] = [];

  function run(env: Readonly<Record<string, string>>, args: readonly string[] = []): Program {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env['PATH'], PORT: '0', HOLDFAST_STORE: 'memory:', ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    let output = '';
    const look = new Set<() => void>();
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      for (const looking of look) looking();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return {
      child,
      ended,
      printed: (text) =>
        new Promise((done) => {
          const looking = (): void => {
            if (output.search(text) !== -1) done(output);
          };
          look.add(looking);
          looking();
          child.once('close', () => done(output));
        }),
    };
  }

  return {
    run,
    async start(env = {}, args = []) {
      const program = run(env, args);
      const output = await program.printed('Ctrl-C');
      const [origin = output] = /http:\/\/localhost:\d+/.exec(output) ?? [];
      const another = (userAgent?: string): Client => {
        const client = new Client(origin, { secrets: new Set(), bodies: [] }, userAgent);
        clients.push(client);
        return client;
      };
      return { ...program, client: another(), another };
    },
    async stop() {
      for (const client of clients.splice(0)) client.close();
      for (const child of running.splice(0)) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await once(child, 'close');
        }
      }
    },
  };
}
