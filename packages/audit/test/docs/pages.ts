/** The page of each check, made from what the check says of itself. `node packages/audit/test/docs/pages.ts` writes them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checks } from '../../src/checks/index.ts';
import type { Check } from '../../src/engine/check.ts';

export const folder: string = resolve(import.meta.dirname, '../../../../docs/audit/checks');

export function pages(): Map<string, string> {
  return new Map([
    ['README.md', index()],
    ...checks.map((check) => [`${check.id}.md`, page(check)] as const),
  ]);
}

function index(): string {
  const rows = checks.map(
    ({ id, title, severity, needs, changes }) =>
      `| [\`${id}\`](${id}.md) | ${title} | ${severity} | ${needs === 'account' ? 'an account' : 'nothing'}${changes ? `, \`--allow ${changes}\`` : ''} |`,
  );
  return [
    '# Checks',
    '',
    'Made from the checks themselves: `node packages/audit/test/docs/pages.ts`. In the order in which they run.',
    '',
    '| check | what is wrong where it finds something | severity | needs |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function page({ id, title, severity, requirements, needs, changes, about }: Check): string {
  return [
    `# ${id}`,
    '',
    `*${title}.* Severity: ${severity}. ${needs === 'account' ? 'Needs an account' : 'Needs no account'}${changes ? `, and \`--allow ${changes}\`` : ''}.`,
    '',
    `Asked for by: ${requirements.join(', ')}.`,
    '',
    '## What is looked at',
    '',
    about.what,
    '',
    '## Why it matters',
    '',
    about.why,
    '',
    '## How it is decided',
    '',
    about.decides,
    '',
    '## How to fix it',
    '',
    about.fix,
    '',
    '[All checks](README.md)',
    '',
  ].join('\n');
}

if (import.meta.main) {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of pages()) await writeFile(join(folder, name), text);
}
