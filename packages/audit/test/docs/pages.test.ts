import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { ASVS_LEVELS } from '../../src/profiles.ts';
import { folder, pages } from './pages.ts';

test('every check has its page, and the pages say what the checks say', async () => {
  const expected = pages();
  expect((await readdir(folder)).toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, text] of expected) expect(await readFile(join(folder, name), 'utf8')).toBe(text);
});

test('ids are stable words, and each stands in a file of its name', async () => {
  const files = await readdir(join(import.meta.dirname, '../../src/checks'));
  expect(files.toSorted()).toEqual(['index.ts', ...checks.map(({ id }) => `${id}.ts`)].toSorted());
});

test('every requirement that a check names is known to the catalogue, or is of a list that is not in it', async () => {
  const file = join(import.meta.dirname, '../../../../tools/conformance/requirements.json');
  const known = JSON.parse(await readFile(file, 'utf8')) as Record<string, { level: string }>;
  const foreign = /^(?:WSTG|CWE)-/;
  for (const { id, requirements } of checks) {
    const unknown = requirements.filter(
      (name) => !foreign.test(name) && !(name in known) && !(name in ASVS_LEVELS),
    );
    expect([id, ...unknown]).toEqual([id]);
  }
  for (const [name, level] of Object.entries(ASVS_LEVELS)) {
    if (known[name]) expect([name, `L${level}`]).toEqual([name, known[name].level]);
  }
});
