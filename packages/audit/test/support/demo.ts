/** The reference application, as `npm start` runs it, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const workspace = resolve(import.meta.dirname, '../../../..');

export interface Demo {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param without the defences that are switched off */
export async function startDemo(without: readonly string[]): Promise<Demo> {
  const args = without.length > 0 ? ['--without', without.join(',')] : [];
  const child = spawn(process.execPath, [join(workspace, 'apps/demo/dist/main.js'), ...args], {
    env: { ...process.env, PORT: '0', HOLDFAST_STORE: 'memory:', NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
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
