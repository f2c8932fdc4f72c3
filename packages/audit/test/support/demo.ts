/** The reference application, as `npm start` runs it, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const workspace = resolve(import.meta.dirname, '../../../..');

export interface Demo {
  readonly url: string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** For after all tests: one that times out is left where it stands, and its demo would hold the runner. */
export function stopDemos(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** @param without the defences that are switched off */
export async function startDemo(without: readonly string[]): Promise<Demo> {
  const args = without.length > 0 ? ['--without', without.join(',')] : [];
  const child = spawn(process.execPath, [join(workspace, 'apps/demo/dist/main.js'), ...args], {
    env: { ...process.env, PORT: '0', HOLDFAST_STORE: 'memory:', NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exited = once(child, 'exit').finally(() => running.delete(child));
  const url = await new Promise<string>((found, failed) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /http:\/\/localhost:\d+/.exec(output)?.[0];
      if (address !== undefined) found(address);
    });
    child.once('exit', () => failed(new Error(`the demo did not start: ${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
