/** Audits the whole gallery, and writes docs/audit/gallery.md: `node packages/audit/test/gallery/table.ts`. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { type Exhibit, PASSWORD, SECOND, USER } from './exhibit.ts';
import { gallery } from './index.ts';
import { stacks } from './stacks.ts';

interface Seen {
  readonly exhibit: Exhibit;
  readonly found: readonly string[];
  readonly judged: readonly string[];
  readonly requests: number;
}

async function look(exhibit: Exhibit): Promise<Seen> {
  const site = await exhibit.start();
  try {
    const report = await audit({
      target: site.url,
      ...(exhibit.isAnonymous !== true && { account: { user: USER, password: PASSWORD } }),
      ...(exhibit.hasSecondAccount && { secondAccount: SECOND }),
      recipe: readRecipe(exhibit.recipe ?? ''),
      allow: exhibit.allow ?? [],
      acceptsAnyCertificate: exhibit.isInsecure === true,
      ...(site.time && { time: site.time }),
    });
    const ids = (outcomes: readonly string[]): string[] =>
      report.checks.filter(({ outcome }) => outcomes.includes(outcome)).map(({ id }) => id);
    return { exhibit, found: ids(['found']), judged: ids(['found', 'clean']), requests: report.requests };
  } finally {
    await site.stop();
  }
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${part} of ${whole}`;
}

function table(seen: readonly Seen[]): string {
  const rows = checks.flatMap(({ id }) => {
    const planted = seen.filter(({ exhibit }) => exhibit.found.includes(id));
    const reported = seen.filter(({ found }) => found.includes(id));
    const right = reported.filter(({ exhibit }) => exhibit.found.includes(id)).length;
    const clean = seen.filter(({ judged, found }) => judged.includes(id) && !found.includes(id)).length;
    if (planted.length === 0 && reported.length === 0 && clean === 0) return [];
    return [
      `| [\`${id}\`](checks/${id}.md) | ${share(right, planted.length)} | ${share(right, reported.length)} | ${clean} |`,
    ];
  });
  const exhibits = seen.map(
    ({ exhibit, found, requests }) =>
      `| ${exhibit.name} | ${exhibit.stack} | ${exhibit.truth} | ${found.map((id) => `\`${id}\``).join(', ') || 'nothing'} | ${requests} |`,
  );
  const clean = seen.filter(({ exhibit }) => exhibit.found.length === 0).length;
  return [
    '# The gallery',
    '',
    `${seen.length} tiny sites, ${seen.length - clean} with a planted flaw and ${clean} without, and what the auditor says of each. Made by`,
    '`node packages/audit/test/gallery/table.ts`; a test holds every line of it.',
    '',
    '## By check',
    '',
    'Recall: of the sites where it is planted, on how many it was found. Precision: of the sites where it was found, on how',
    'many it is planted. The last column counts the sites on which it was judged and found to be in order.',
    '',
    '| check | recall | precision | clean |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## By site',
    '',
    '| site | stack | the truth | found | requests |',
    '|---|---|---|---|---|',
    ...exhibits,
    '',
  ].join('\n');
}

const seen: Seen[] = [];
for (const exhibit of [...gallery, ...stacks]) seen.push(await look(exhibit));
await writeFile(resolve(import.meta.dirname, '../../../../docs/audit/gallery.md'), table(seen));
