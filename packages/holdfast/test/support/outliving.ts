import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { isAlive } from './processes.ts';
import { until } from './until.ts';

/**
 * Starts a server in a process, kills the process, and waits until the server and its folder are gone.
 *
 * @param module that exports the function `start`
 */
export async function expectGoneWithItsStarter(module: URL, start: string): Promise<void> {
  const program = `
    import { ${start} } from ${JSON.stringify(module.href)};
    const server = await ${start}();
    console.log(JSON.stringify({ pid: server.pid, folder: server.folder }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
    expect(await isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await until('the server is gone', async () => !(await isAlive(pid)));
    await until('its folder is gone', () => !existsSync(folder));
    return;
  }
  throw new Error('the program printed nothing');
}
