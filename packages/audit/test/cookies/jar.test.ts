import { expect, test } from 'vitest';
import { cookieHeader, createJar } from '../../src/cookies/jar.ts';

const NOW = Date.UTC(2026, 0, 1);
const at = (address: string): { from: URL; at: number; number: number } => ({
  from: new URL(address),
  at: NOW,
  number: 1,
});

function sent(fields: readonly string[], from: string, to: string, later = 0): string {
  const jar = createJar();
  jar.receive(fields, at(from));
  return cookieHeader(jar.matching(new URL(to), NOW + later));
}

test.each([
  ['to the same host', ['a=1'], 'https://a.test/', 'https://a.test/x', 'a=1'],
  ['not to another host', ['a=1'], 'https://a.test/', 'https://b.test/', ''],
  ['not to a host below without Domain', ['a=1'], 'https://a.test/', 'https://x.a.test/', ''],
  ['to a host below with Domain', ['a=1; Domain=a.test'], 'https://a.test/', 'https://x.a.test/', 'a=1'],
  ['never for a foreign domain', ['a=1; Domain=b.test'], 'https://a.test/', 'https://b.test/', ''],
  ['below its path', ['a=1; Path=/x'], 'https://a.test/', 'https://a.test/x/y', 'a=1'],
  ['not beside its path', ['a=1; Path=/x'], 'https://a.test/', 'https://a.test/xy', ''],
  ['below the folder it was set in', ['a=1'], 'https://a.test/x/y', 'https://a.test/x/z', 'a=1'],
  ['Secure only encrypted', ['a=1; Secure'], 'https://a.test/', 'http://a.test/', ''],
  ['Secure on this machine', ['a=1; Secure'], 'http://localhost:1/', 'http://localhost:1/', 'a=1'],
  ['longer paths first', ['a=1; Path=/', 'a=2; Path=/x'], 'https://a.test/', 'https://a.test/x', 'a=2; a=1'],
  [
    '__Host- as it must be',
    ['__Host-a=1; Secure; Path=/'],
    'https://a.test/',
    'https://a.test/',
    '__Host-a=1',
  ],
  [
    '__Host- not with Domain',
    ['__Host-a=1; Secure; Path=/; Domain=a.test'],
    'https://a.test/',
    'https://a.test/',
    '',
  ],
  ['__host- not without Secure', ['__host-a=1; Path=/'], 'https://a.test/', 'https://a.test/', ''],
  ['None only with Secure', ['a=1; SameSite=None'], 'https://a.test/', 'https://a.test/', ''],
  ['the newer of two', ['a=1', 'a=2'], 'https://a.test/', 'https://a.test/', 'a=2'],
  ['nothing once deleted', ['a=1', 'a=; Max-Age=0'], 'https://a.test/', 'https://a.test/', ''],
  [
    'the old one, deleted at another path',
    ['a=1; Path=/', 'a=; Path=/x; Max-Age=0'],
    'https://a.test/',
    'https://a.test/',
    'a=1',
  ],
])('a cookie is sent: %s', (_name, fields, from, to, expected) => {
  expect(sent(fields, from, to)).toBe(expected);
});

test('a cookie is sent until its Max-Age has passed', () => {
  expect(sent(['a=1; Max-Age=10'], 'https://a.test/', 'https://a.test/', 9_999)).toBe('a=1');
  expect(sent(['a=1; Max-Age=10'], 'https://a.test/', 'https://a.test/', 10_000)).toBe('');
});

test('what is dropped is kept as evidence, with the reason', () => {
  const jar = createJar();
  jar.receive(['a\u0000=1', 'b=1; Domain=other.test'], at('https://a.test/'));
  expect(jar.cookies).toEqual([]);
  expect(jar.received.map(({ dropped }) => dropped)).toEqual(['control_character', 'foreign_domain']);
});

test('a copy of a jar stays as it is, whatever the original receives', () => {
  const jar = createJar();
  jar.receive(['a=1'], at('https://a.test/'));
  const copy = jar.clone();
  jar.receive(['a=2', 'b=1'], at('https://a.test/'));
  expect(cookieHeader(copy.cookies)).toBe('a=1');
});
