/**
 * Evidence for the canary gate: every secret that a test browser has seen, and everything in which none may stand.
 * The gate (`tools/gates/canary.ts`) looks for the one in the other after the tests.
 */
import { mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

const FOLDER = join(import.meta.dirname, '../../../../.canary');

function openFile(kind: 'secrets' | 'captured'): number {
  mkdirSync(join(FOLDER, kind), { recursive: true });
  for (let n = 0; ; n++) {
    try {
      return openSync(join(FOLDER, kind, `${process.pid}-${n}.txt`), 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const files: { secrets?: number; captured?: number } = {};
const known = new Set<string>();

function write(kind: 'secrets' | 'captured', line: string): void {
  writeSync((files[kind] ??= openFile(kind)), `${line}\n`);
}

/** The secret of a token that a browser was sent. */
export function recordSecret(token: string): void {
  const secret = token.split('.')[2];
  if (!secret || known.has(secret)) return;
  known.add(secret);
  write('secrets', secret);
}

/** Something that leaves the library for elsewhere than the cookie: an event, an error, a line of a log. */
export function capture(value: unknown): void {
  write(
    'captured',
    inspect(value, { depth: 12, maxArrayLength: null, maxStringLength: null, showHidden: true }),
  );
}
