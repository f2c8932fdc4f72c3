/** PHP's own server with extensions that were unpacked and not installed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stackPrograms } from '../../lib/stacks.ts';
import { findProgram } from '../../lib/program.ts';
import { must } from './installed.ts';

export interface PhpOptions {
  readonly folder: string;
  readonly port: number;
  readonly documents: string;
  /** In the order in which PHP loads them. */
  readonly extensions: readonly string[];
  /** Lines of php.ini. */
  readonly settings?: readonly string[];
}

/** @returns the command, with the settings that Debian has for production */
export async function phpServer({
  folder,
  port,
  documents,
  extensions,
  settings = [],
}: PhpOptions): Promise<string> {
  const php = await findProgram(stackPrograms.php);
  const has = new Set((await must(php, ['-m'])).toLowerCase().split('\n'));
  const missing = extensions.filter((name) => !has.has(name));
  const more = join(folder, 'php.d');
  const sessions = join(folder, 'sessions');
  await mkdir(more, { recursive: true });
  await mkdir(sessions, { recursive: true });
  const api = (await must(php, ['-r', 'echo basename(ini_get("extension_dir"));'])).trim();
  const lines = [
    ...missing.map((name) => `extension=${join(folder, 'usr/lib/php', api, `${name}.so`)}`),
    `session.save_path=${sessions}`,
    ...settings,
  ];
  await writeFile(join(more, 'application.ini'), `${lines.join('\n')}\n`);
  return `PHP_CLI_SERVER_WORKERS=4 PHP_INI_SCAN_DIR=/etc/php/8.2/cli/conf.d:${more} exec ${php} -c /usr/lib/php/8.2/php.ini-production -S 127.0.0.1:${port} -t ${documents}`;
}
