/** The clock of a process that is started here, moved while it runs: libfaketime reads the offset from a file. */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where distributions put it. It is the build for several threads: with the other, a thread that reads the clock while another
 * reads the offset sees no offset, and time goes back.
 */
const PLACES = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib/arm-linux-gnueabihf/faketime',
  '/usr/lib64/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
].map((folder) => join(folder, 'libfaketimeMT.so.1'));

export const HOW_TO_INSTALL =
  'install libfaketime (on Debian: apt-get install libfaketime), or set HOLDFAST_LIBFAKETIME to the path of its libfaketimeMT.so.1';

/** The path of the library, or why there is none. */
export function findLibfaketime(
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): { readonly path: string } | { readonly missing: string } {
  const named = env['HOLDFAST_LIBFAKETIME'];
  if (named !== undefined && named !== '') {
    return exists(named)
      ? { path: named }
      : { missing: `HOLDFAST_LIBFAKETIME names ${named}, which does not exist` };
  }
  const path = PLACES.find(exists);
  return path === undefined ? { missing: `libfaketime was not found: ${HOW_TO_INSTALL}` } : { path };
}

export type Moved = 'the time of day' | 'every clock';

export interface FakeClock {
  /** What the process needs in its environment. */
  environment(moved: Moved, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** How far ahead the processes are from now on, in milliseconds. */
  set(ahead: number): Promise<void>;
  /** Removes the files, and what the library of a process that was killed has left behind. */
  remove(pids: readonly number[]): Promise<void>;
}

export async function createFakeClock(library: string): Promise<FakeClock> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-clock-'));
  const file = join(folder, 'offset');
  const set = async (ahead: number): Promise<void> => {
    // A process that reads a file which is just being written would read half of a number.
    await writeFile(`${file}.new`, `+${(ahead / 1_000).toFixed(3)}\n`);
    await rename(`${file}.new`, file);
  };
  await set(0);
  return {
    set,
    environment(moved, env) {
      const before = env['LD_PRELOAD'];
      return {
        LD_PRELOAD: before === undefined || before === '' ? library : `${library}:${before}`,
        FAKETIME_TIMESTAMP_FILE: file,
        // It would look at the file every ten seconds.
        FAKETIME_NO_CACHE: '1',
        // Without the second, threads of Java wait for ever on a clock that is not moved.
        ...(moved === 'the time of day' && {
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          FAKETIME_FORCE_MONOTONIC_FIX: '0',
        }),
      };
    },
    async remove(pids) {
      await rm(folder, { recursive: true, force: true });
      for (const pid of pids) {
        for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
          await rm(join('/dev/shm', name), { force: true });
        }
      }
    },
  };
}
