import { describe, expect, test } from 'vitest';
import { chromium } from '../lib/chromium.ts';
import { libfaketime } from '../lib/faketime.ts';
import { mariadbServer } from '../lib/mariadb.ts';
import { findProgram, type Machine, type Program } from '../lib/program.ts';
import { redisServer } from '../lib/redis.ts';
import { stackPrograms } from '../lib/stacks.ts';

const debian = ['/etc/debian_version', '/usr/bin/apt-get'];

interface Case {
  readonly program: Program;
  /** What its Debian package brings. */
  readonly path: string;
  readonly another: string;
}
const { flask, django, php, tomcat } = stackPrograms;
const cases: readonly Case[] = [
  { program: chromium, path: '/usr/bin/chromium', another: 'google-chrome' },
  {
    program: libfaketime,
    path: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
    another: 'libfaketimeMT.so.1',
  },
  { program: mariadbServer, path: '/usr/sbin/mariadbd', another: 'mariadbd' },
  { program: redisServer, path: '/usr/bin/redis-server', another: 'valkey-server' },
  { program: flask, path: '/usr/bin/flask', another: 'flask' },
  { program: django, path: '/usr/bin/django-admin', another: 'django-admin' },
  { program: php, path: '/usr/bin/php', another: 'php' },
  { program: tomcat, path: '/usr/share/tomcat10/bin/catalina.sh', another: 'catalina.sh' },
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

  test('takes one that is installed, in /usr/bin or on PATH, unless there it is another thing', async () => {
    expect(await findProgram(program, machine([path]))).toBe(path);
    const onPath = machine([`/opt/bin/${another}`], { env: { PATH: '/bin:/opt/bin' } });
    const found = findProgram(program, onPath);
    if (program.isDebianOnly) await expect(found).rejects.toThrow(`No ${program.title} was found`);
    else expect(await found).toBe(`/opt/bin/${another}`);
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

test('fetches the lists of packages once for several programs', async () => {
  const ran: string[] = [];
  const paths = ['/etc/debian_version', '/usr/bin/apt-get'];
  const machine: Machine = {
    env: {},
    isRoot: true,
    exists: (file) => paths.includes(file),
    say: () => undefined,
    run: async (_command, args) => {
      ran.push(args.includes('update') ? 'update' : (args.at(-1) ?? ''));
      if (args.includes(flask.debianPackage)) paths.push('/usr/bin/flask');
      if (args.includes(php.debianPackage)) paths.push('/usr/bin/php');
      return { code: 0, output: '' };
    },
  };
  await findProgram(flask, machine);
  await findProgram(php, machine);
  expect(ran).toEqual(['update', flask.debianPackage, php.debianPackage]);
});
