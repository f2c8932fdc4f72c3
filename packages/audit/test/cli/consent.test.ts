import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readArguments } from '../../src/cli/args.ts';
import { mayStart } from '../../src/cli/consent.ts';
import { run } from '../../src/cli/main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-consent-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is said before anything is sent; nothing where nobody is asked. */
async function saidBefore(args: readonly string[], hosts: readonly string[]): Promise<string> {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const chosen = readArguments(args);
  if (typeof chosen === 'string') throw new Error('it is an audit');
  const isAgreed = await mayStart(chosen, { checks: [], secondAccount: undefined, hosts });
  const said = written.mock.calls.map(([text]) => String(text)).join('');
  written.mockRestore();
  expect(isAgreed).toBe(said === '');
  return said;
}

describe('it is said and asked', () => {
  test.each([
    ['of a site elsewhere', ['https://shop.example/'], [], 'to shop.example, '],
    [
      'of one that the command names',
      ['http://localhost:1/', '--host', 'api.example'],
      [],
      'localhost:1, api.example, ',
    ],
    [
      'of one that the recipe names',
      ['http://localhost:1/'],
      ['api.example:8443'],
      'localhost:1, api.example:8443, ',
    ],
    [
      'once of each',
      ['https://shop.example/', '--host', 'api.example'],
      ['api.example', 'shop.example', 'localhost:2'],
      'to shop.example, api.example, localhost:2, ',
    ],
    ['of what is no host', ['http://localhost:1/'], ['not a host'], 'localhost:1, not a host, '],
  ])('%s', async (_of, args, hosts, says) => {
    const said = await saidBefore(args, hosts);
    expect(said).toMatch(
      /up to 2000 requests, 20 a second.*only if the site is yours, or its owner has agreed.*--yes/s,
    );
    expect(said).toContain(says);
  });
});

test.each([
  [['http://localhost:1/'], []],
  [
    ['http://localhost:1/', '--host', '127.0.0.1:2'],
    ['[::1]:3', 'shop.localhost'],
  ],
  [['https://shop.example/', '--yes'], ['api.example']],
])('of %j with %j nobody is asked', async (args, hosts) => {
  expect(await saidBefore(args, hosts)).toBe('');
});

test('a recipe with hosts elsewhere is not played before somebody has agreed', async () => {
  const recipe = join(folder, 'sessions.yaml');
  await writeFile(recipe, 'hosts: [api.staging.example]\n');
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await run(['http://localhost:1/', '--recipe', recipe])).toBe(2);
  expect(written.mock.calls.join('')).toMatch(/api\.staging\.example.*--yes/s);
});

/** At a terminal, which `script` plays. */
function answering(keys: string): Promise<{ code: number | null; said: string }> {
  const bin = resolve(import.meta.dirname, '../../bin/holdfast-audit.js');
  return new Promise((done) => {
    const command = `'${process.execPath}' '${bin}' https://staging.example/`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let said = '';
    let isAnswered = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (isAnswered || !said.includes('[y/N]')) return;
      isAnswered = true;
      child.stdin.write(keys);
    });
    child.on('close', (code) => done({ code, said }));
  });
}

test.each([
  ['no', 'n\r', 2],
  ['nothing', '\r', 2],
  ['Ctrl-D', '\u0004', 2],
  ['Ctrl-C', '\u0003', 130],
])('who answers %s has started nothing', async (_what, keys, expected) => {
  const { code, said } = await answering(keys);
  expect(said).not.toMatch(/\.js:|1\/38/);
  expect(code).toBe(expected);
});
