// Writes docs/evidence/redis-cost.md: what a session takes in Redis, what three layouts of a record cost, and whether a
// request costs the same among a million sessions.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { run, workspace } from '../lib/workspace.ts';

async function output(script: string): Promise<string> {
  const { code, output: text } = await run('node', [join(workspace, 'bench/src', script)]);
  if (code !== 0) throw new Error(text);
  return text.trim();
}

const layout = await output('redis-layout.ts');
const size = await output('redis-size.ts');

await writeFile(
  join(workspace, 'docs/evidence/redis-cost.md'),
  `# What sessions cost in Redis

Written by \`node tools/evidence/redis-cost.ts\`, on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, everything on loopback.
Compare lines with each other; absolute times depend on the machine.

## Size, and cost among many

A session here is signed in, with the hashes of its secrets, one authentication, an address and a User-Agent of 111 characters. What connect-redis keeps is its cookie's options and the
same user, client and data.

${size}

## Three layouts

Why a record is written as it is: [decision 13](../adr/0013-layout-in-redis.md).

${layout}
`,
);
