/** Processes of the application of `app.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AppSettings } from './app.ts';

export interface App {
  /** Of the process that runs now. */
  readonly port: number;
  /** SIGKILL, as a crash; `restart` may follow. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** How many events of each type the process that runs now has raised. */
  events(): Promise<Readonly<Record<string, number>>>;
}

async function run(settings: AppSettings): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(join(import.meta.dirname, 'app.ts'), [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = await Promise.race([
    once(child, 'message').then(([message]) => Number(message)),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the application ended with ${code}`))),
  ]);
  return { child, port };
}

export async function startApp(settings: AppSettings): Promise<App> {
  let running = await run(settings);
  const app: App = {
    get port() {
      return running.port;
    },
    async kill() {
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async restart() {
      await app.kill();
      running = await run(settings);
    },
    async events() {
      const response = await fetch(`http://127.0.0.1:${running.port}/events`);
      return (await response.json()) as Record<string, number>;
    },
  };
  return app;
}
