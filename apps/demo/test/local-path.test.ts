import { expect, it } from 'vitest';
import { localPath, withDone } from '../src/local-path.ts';

it.each([
  '/',
  '/account',
  '/sessions?done=ended',
  '/lab/a%20b?c=d%2Fe',
  '/a//b',
])('%s is a page of ours', (path) => {
  expect(localPath(path)).toBe(path);
});

it.each([
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e//evil.example',
  '\\\\evil.example',
  ' //evil.example',
  'javascript:alert(1)',
  'account',
  '',
  undefined,
  ['/account'],
  `/${'a'.repeat(500)}`,
])('%j is none, and leads home (CWE-601)', (text) => {
  expect(localPath(text)).toBe('/');
});

it('drops what a server would not be sent', () => {
  expect(localPath('/account#email')).toBe('/account');
  expect(localPath('/a\r\nSet-Cookie: b=c')).not.toMatch(/[\r\n]/);
});

it('puts a word into the query, in place of one that is there', () => {
  expect(withDone('/sessions?done=ended&a=b', 'confirmed')).toBe('/sessions?done=confirmed&a=b');
});
