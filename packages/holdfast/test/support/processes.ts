import { readFile } from 'node:fs/promises';

/** Whether a process runs: one that has ended but that nobody has waited for does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/[ZX]/.test(await stateOf(pid));
}

/** Whether a process was told to stop, and has: it does nothing until it is told to go on. */
export async function isPaused(pid: number): Promise<boolean> {
  return (await stateOf(pid)) === 'T';
}

/** The letter that Linux has for it; nothing where there is no such process, or no Linux. */
async function stateOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) ([A-Z]) /.exec(status)?.[1] ?? '';
}
