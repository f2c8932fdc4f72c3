import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for no longer than that, and does not end what it no longer waits for. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`no answer in ${milliseconds / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
