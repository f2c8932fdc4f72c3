import { describe, expect, test } from 'vitest';
import { findChromium, type Machine } from '../lib/chromium.ts';

const debian = ['/etc/debian_version', '/usr/bin/apt-get'];

function machine(paths: string[], rest: Partial<Machine> = {}): Machine & { ran: string[] } {
  const ran: string[] = [];
  return {
    env: {},
    isRoot: false,
    exists: (path) => paths.includes(path),
    say: () => undefined,
    run: async (command, args) => {
      ran.push([command, ...args].join(' '));
      if (args.includes('install')) paths.push('/usr/bin/chromium');
      return { code: 0, output: '' };
    },
    ran,
    ...rest,
  };
}

describe('finding Chromium', () => {
  test('takes the one that is named', async () => {
    const named = machine(['/opt/c', '/usr/bin/chromium'], { env: { HOLDFAST_CHROMIUM: '/opt/c' } });
    expect(await findChromium(named)).toBe('/opt/c');
  });

  test('says so when the one that is named is missing, and takes no other', async () => {
    const named = machine(['/usr/bin/chromium'], { env: { HOLDFAST_CHROMIUM: '/opt/c' } });
    await expect(findChromium(named)).rejects.toThrow(
      'HOLDFAST_CHROMIUM names /opt/c, which does not exist.',
    );
  });

  test('takes one that is installed, in /usr/bin or on PATH', async () => {
    expect(await findChromium(machine(['/usr/bin/chromium-browser']))).toBe('/usr/bin/chromium-browser');
    const onPath = machine(['/opt/bin/google-chrome'], { env: { PATH: '/bin:/opt/bin' } });
    expect(await findChromium(onPath)).toBe('/opt/bin/google-chrome');
  });

  test('installs it where it may', async () => {
    const fresh = machine([...debian], { isRoot: true });
    expect(await findChromium(fresh)).toBe('/usr/bin/chromium');
    expect(fresh.ran).toHaveLength(2);
  });

  test.each([
    ['not as root', machine([...debian])],
    ['not on another system', machine([], { isRoot: true })],
  ])('installs nothing where it may not (%s), and says what to do', async (_, poor) => {
    await expect(findChromium(poor)).rejects.toThrow(/apt-get install chromium.*HOLDFAST_CHROMIUM/);
    expect(poor.ran).toEqual([]);
  });

  test('reports an installation that fails', async () => {
    const offline = machine([...debian], {
      isRoot: true,
      run: async () => ({ code: 100, output: 'no network' }),
    });
    await expect(findChromium(offline)).rejects.toThrow(
      /apt-get update failed.*HOLDFAST_CHROMIUM.*\nno network/,
    );
  });
});
