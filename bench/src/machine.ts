/** Where it is measured: which processors, and what they are. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/**
 * Binds this process, and with it every database that it starts, to the second processor, and returns the one for servers.
 * `undefined` where there is only one, or no `taskset`: then nothing is bound, and figures scatter.
 */
export function bind(): number | undefined {
  if (process.platform !== 'linux' || availableParallelism() < 2) return undefined;
  return spawnSync('taskset', ['-a', '-cp', '1', String(process.pid)]).status === 0 ? 0 : undefined;
}

/** The command that starts Node with these arguments on a processor; `undefined` for any. */
export function nodeOn(
  cpu: number | undefined,
  args: readonly string[],
): [command: string, ...args: string[]] {
  const node = process.execPath;
  // taskset becomes the program it starts, so that a channel and the process id are that program's.
  return cpu === undefined ? [node, ...args] : ['taskset', '-c', String(cpu), node, ...args];
}

export function describeMachine(serverCpu: number | undefined): string[] {
  const bound =
    serverCpu === undefined
      ? 'nothing bound to a processor'
      : `the server on processor ${serverCpu}, load and databases on processor 1`;
  return [
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}; ${bound}`,
    `Node ${process.versions.node} (V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl})`,
  ];
}
