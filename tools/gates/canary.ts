// A session secret belongs in the cookie and nowhere else. While the tests run they leave behind, in `.canary/secrets`,
// every secret that was minted, one a line, and in `.canary/captured` the bytes in which none of them may be found:
// logs, events, errors, response bodies, URLs, database files. This gate looks for each in all of it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gate, type Report, runGate } from '../lib/gate.ts';
import { filesUnder } from '../lib/workspace.ts';

/** Shorter strings occur by chance, and a canary that sings by chance is switched off. */
const shortest = 32;

/** A secret can leak in more spellings than its own: the bytes it stands for, raw or as hex. */
function spellings(secret: string): Buffer[] {
  const bytes = Buffer.from(secret, 'base64url');
  return [
    Buffer.from(secret),
    bytes,
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('base64')),
  ];
}

async function check(root: string): Promise<Report> {
  const problems: string[] = [];
  const secrets = new Set<string>();
  for (const file of filesUnder(join(root, '.canary'), 'secrets', (path) => path.endsWith('.txt'))) {
    for (const line of (await readFile(join(root, '.canary', file), 'utf8')).split('\n')) {
      if (line.trim() !== '') secrets.add(line.trim());
    }
  }
  if (secrets.size === 0) problems.push('The test run recorded no secret in .canary/secrets.');
  for (const secret of secrets) {
    if (secret.length < shortest) problems.push(`A recorded secret has only ${secret.length} characters.`);
  }

  const captured = filesUnder(join(root, '.canary'), 'captured', () => true);
  if (captured.length === 0) problems.push('The test run captured nothing in .canary/captured.');
  const needles = [...secrets].filter((secret) => secret.length >= shortest).flatMap(spellings);
  let size = 0;
  for (const file of captured) {
    const bytes = await readFile(join(root, '.canary', file));
    size += bytes.length;
    const at = needles.map((needle) => bytes.indexOf(needle)).find((position) => position !== -1);
    // The place is named, the secret is not: this message is a log too.
    if (at !== undefined) problems.push(`.canary/${file} holds a session secret at byte ${at}.`);
  }
  if (captured.length > 0 && size === 0) problems.push('Everything captured is empty.');
  return { problems, notes: [`${secrets.size} secrets, ${captured.length} captures, ${size} bytes`] };
}

export const gate: Gate = { check };
if (import.meta.main) process.exitCode = await runGate(gate, process.argv.slice(2));
