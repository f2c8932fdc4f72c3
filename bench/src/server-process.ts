/** A server under measurement, from the outside. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Connections } from './load.ts';
import { nodeOn } from './machine.ts';
import type { Urls } from './places.ts';
import type { Answers, Question } from './servers/serve.ts';
import type { Framework } from './variants.ts';

const SERVE = fileURLToPath(new URL('servers/serve.ts', import.meta.url));

export interface ServerOptions {
  /** The processor it is bound to; `undefined` for any. */
  readonly cpu?: number | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

export class ServerProcess {
  readonly port: number;
  readonly connections: Connections;
  readonly #child: ChildProcess;

  /** Fails when the process ends. */
  readonly #ended: Promise<never>;

  private constructor(child: ChildProcess, port: number, printed: () => string) {
    this.#child = child;
    this.#ended = new Promise((_, failed) => {
      child.once('exit', (code, signal) =>
        failed(new Error(`the server ended with ${code ?? signal}\n${printed()}`)),
      );
    });
    this.#ended.catch(() => undefined);
    this.port = port;
    this.connections = new Connections(port);
  }

  static async start(
    { framework, library, store }: { framework: Framework; library: string; store: string },
    places: Urls,
    { cpu, env = {}, execArgv = [] }: ServerOptions = {},
  ): Promise<ServerProcess> {
    const [execPath, ...own] = nodeOn(cpu, execArgv);
    const child = fork(SERVE, [framework, library, store], {
      execPath,
      execArgv: own,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NO_COLOR: '1',
        BENCH_REDIS: places.redisUrl,
        BENCH_POSTGRES: places.postgresUrl,
        BENCH_MYSQL: places.mysqlUrl,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-4_000)));
    }
    const port = await new Promise<number>((started, failed) => {
      child.once('message', (message: { port: number }) => started(message.port));
      child.once('exit', (code) =>
        failed(new Error(`${framework} ${library} ${store} ended with ${code}\n${printed}`)),
      );
    });
    return new ServerProcess(child, port, () => printed);
  }

  ask<Ask extends Question['ask']>(question: Extract<Question, { ask: Ask }>): Promise<Answers[Ask]> {
    const answer = new Promise<Answers[Ask]>((answered, failed) => {
      this.#child.once('message', (message: { value?: Answers[Ask]; error?: string }) => {
        if (message.error === undefined) answered(message.value as Answers[Ask]);
        else failed(new Error(message.error));
      });
      this.#child.send(question, (error) => error && failed(error));
    });
    return Promise.race([answer, this.#ended]);
  }

  /** Microseconds of processor time so far, in the program and in the system for it, of all its threads. */
  async cpu(): Promise<number> {
    const { user, system } = await this.ask({ ask: 'cpu' });
    return user + system;
  }

  async stop(): Promise<void> {
    await this.connections.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((done) => this.#child.once('exit', () => done()));
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }
}
