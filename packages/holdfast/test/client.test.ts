import { describe, expect, test } from 'vitest';
import { describeClient, sameClient } from '../src/client.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('one browser or two', () => {
  test.each([
    ['the same header', FIREFOX, FIREFOX, true],
    ['a newer version', FIREFOX, FIREFOX.replaceAll('140', '151'), true],
    ['a version of more digits', 'A/9', 'A/10', true],
    ['another system', FIREFOX, FIREFOX.replace('Linux x86_64', 'Windows NT 10.0'), false],
    ['another browser', FIREFOX, 'curl/8.5.0', false],
    ['a header and none', FIREFOX, undefined, false],
    ['none and a header', undefined, FIREFOX, false],
    ['none twice', undefined, undefined, true],
  ])('%s', (_, a, b, expected) => {
    const one = describeClient('192.0.2.1', a);
    const two = describeClient('2001:db8::1', b);
    expect(sameClient(one, two)).toBe(expected);
    expect(sameClient({ ...one, label: 'Laptop' }, two)).toBe(expected);
  });

  test('a header that was cut is compared as it was cut', () => {
    const long = 'x'.repeat(300);
    expect(sameClient(describeClient(undefined, long), describeClient(undefined, `${long}y`))).toBe(true);
  });
});

test('what is kept of a presenter is bounded, and absent where there is nothing', () => {
  expect(describeClient(undefined, undefined)).toStrictEqual({});
  expect(describeClient(undefined, null)).toStrictEqual({});
  expect(describeClient('192.0.2.1', '')).toStrictEqual({ ip: '192.0.2.1' });
  expect(describeClient('192.0.2.1', 'x'.repeat(5_000)).userAgent?.length).toBe(256);
});
