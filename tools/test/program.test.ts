import { describe, expect, test } from 'vitest';
import { chromium } from '../lib/chromium.ts';
import { libfaketime } from '../lib/faketime.ts';
import { mariadbServer } from '../lib/mariadb.ts';
import { findProgram, type Machine, type Program } from '../lib/program.ts';
import { redisServer } from '../lib/redis.ts';

const debian = ['/etc/debian_version', '/usr/bin/apt-get'];

interface Case {
  readonly program: Program;
  /** What its Debian package brings. */
  readonly path: string;
  readonly another: string;
}
const cases: readonly Case[] = [
  { program: chromium, path: '/usr/bin/chromium', another: 'google-chrome' },
  {
    program: libfaketime,
    path: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
    another: 'libfaketime.so.1',
  },
  { program: mariadbServer, path: '/usr/sbin/mariadbd', another: 'mariadbd' },
  { program: redisServer, path: '/usr/bin/redis-server', another: 'valkey-server' },
];

describe.each(cases)('finding $program.title', ({ program, path, another }) => {
  const { variable, debianPackage } = program;

  function machine(paths: string[], rest: Partial<Machine> = {}): Machine & { ran: string[] } {
    const ran: string[] = [];
    return {
      env: {},
      isRoot: false,
      exists: (file) => paths.includes(file),
      say: () => undefined,
      run: async (command, args) => {
        ran.push([command, ...args].join(' '));
        if (args.includes('install') && args.includes(debianPackage)) paths.push(path);
        return { code: 0, output: '' };
      },
      ran,
      ...rest,
    };
  }

  test('takes the one that is named', async () => {
    const named = machine(['/opt/named', path], { env: { [variable]: '/opt/named' } });
    expect(await findProgram(program, named)).toBe('/opt/named');
  });

  test('says so when the one that is named is missing, and takes no other', async () => {
    const named = machine([path], { env: { [variable]: '/opt/named' } });
    await expect(findProgram(program, named)).rejects.toThrow(
      `${variable} names /opt/named, which does not exist.`,
    );
  });

  test('takes one that is installed, in /usr/bin or on PATH', async () => {
    expect(await findProgram(program, machine([path]))).toBe(path);
    const onPath = machine([`/opt/bin/${another}`], { env: { PATH: '/bin:/opt/bin' } });
    expect(await findProgram(program, onPath)).toBe(`/opt/bin/${another}`);
  });

  test('installs it where it may', async () => {
    const fresh = machine([...debian], { isRoot: true });
    expect(await findProgram(program, fresh)).toBe(path);
    expect(fresh.ran).toHaveLength(2);
  });

  test.each([
    ['not as root', machine([...debian])],
    ['not on another system', machine([], { isRoot: true })],
  ])('installs nothing where it may not (%s), and says what to do', async (_, poor) => {
    const advice = new RegExp(`apt-get install ${debianPackage}.*${variable}`);
    await expect(findProgram(program, poor)).rejects.toThrow(advice);
    expect(poor.ran).toEqual([]);
  });

  test('reports an installation that fails', async () => {
    const offline = machine([...debian], {
      isRoot: true,
      run: async () => ({ code: 100, output: 'no network' }),
    });
    await expect(findProgram(program, offline)).rejects.toThrow(
      new RegExp(`apt-get update failed.*${variable}.*\nno network`),
    );
  });
});
