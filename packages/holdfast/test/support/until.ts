import { setTimeout as pause } from 'node:timers/promises';

/** Asks until it is so. For what another process does in its own time; throws what did not become so. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { timeoutMs = 20_000, everyMs = 20 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${timeoutMs} ms: ${what}`);
    await pause(everyMs);
  }
}
