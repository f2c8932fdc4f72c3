/** The files that the command reads and writes. */
import { constants, createWriteStream } from 'node:fs';
import { access, chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AuditError } from '../errors.ts';

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new AuditError('usage', `${file} can not be read`);
  }
}

/**
 * Before the work that goes into it, which would be lost.
 *
 * @param option as in `json`
 * @throws AuditError `usage`
 */
export async function refuseUnwritable(option: string, file: string): Promise<void> {
  if (!(await isWritable(file))) throw unwritable(option, file);
}

export function unwritable(option: string, file: string): AuditError {
  return new AuditError('usage', `--${option}: ${file === '' ? "''" : file} can not be written`);
}

async function isWritable(file: string): Promise<boolean> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory() || /(?:^|[/\\])$/.test(file)) return false;
  return access(there ? file : dirname(file), constants.W_OK).then(
    () => true,
    () => false,
  );
}

export interface RawTranscript {
  write(text: string): void;
  close(): Promise<void>;
}

/** For nobody else to read. */
export async function openRaw(file: string): Promise<RawTranscript> {
  await writeFile(file, '', { mode: 0o600 });
  await chmod(file, 0o600);
  const stream = createWriteStream(file, { flags: 'a' });
  return {
    write: (text) => void stream.write(text),
    close: () => new Promise((done) => stream.end(() => done())),
  };
}
