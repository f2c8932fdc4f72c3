import { describe, expect, test } from 'vitest';
import { applyCommitted, type Committed } from '../../src/request.ts';

const NOTHING: Committed = { setCookies: [], isPersonal: false, hasSignedOut: false };
const PERSONAL: Committed = { ...NOTHING, isPersonal: true };
const OURS = '__Host-session=new; Path=/; Secure; HttpOnly; SameSite=Lax';
const SETTING: Committed = { ...PERSONAL, setCookies: [OURS] };
const SIGNED_OUT: Committed = { ...SETTING, hasSignedOut: true };

/** The headers of an answer after the commit. */
function after(committed: Committed, before: Readonly<Record<string, string>> = {}, cookies: string[] = []) {
  const headers = new Map(Object.entries(before));
  let setCookies: readonly string[] = cookies;
  applyCommitted(
    {
      get: (name) => headers.get(name),
      set: (name, value) => void headers.set(name, value),
      getSetCookie: () => setCookies,
      setSetCookie: (values) => void (setCookies = values),
    },
    committed,
  );
  return { ...Object.fromEntries(headers), setCookies };
}

describe('Cache-Control and Vary of an answer (ASVS-14.3.2) (SM-25)', () => {
  test.each<[string, string | undefined, string, string]>([
    // the handler's own, when the session was read, when it is set
    ['nothing', undefined, 'no-store', 'no-store'],
    ['empty', '', 'no-store', 'no-store'],
    ['no-store', 'no-store', 'no-store', 'no-store'],
    [
      'no-store with others',
      'no-cache, no-store, must-revalidate',
      'no-cache, no-store, must-revalidate',
      'no-cache, no-store, must-revalidate',
    ],
    ['in capitals', 'No-Store', 'No-Store', 'No-Store'],
    ['private', 'private', 'private', 'no-store'],
    ['private for a while', 'private, max-age=60', 'private, max-age=60', 'no-store'],
    ['private without a space', 'max-age=60,private', 'max-age=60,private', 'no-store'],
    ['public', 'public, max-age=60', 'no-store', 'no-store'],
    ['both', 'public, private', 'no-store', 'no-store'],
    ['neither', 'max-age=60', 'no-store', 'no-store'],
    ['for shared caches', 's-maxage=60', 'no-store', 'no-store'],
    ['no-cache, which may be stored', 'no-cache', 'no-store', 'no-store'],
    ['private for some headers only', 'private="set-cookie", max-age=60', 'no-store', 'no-store'],
    ['a directive that only ends like it', 'x-no-store, max-age=60', 'no-store', 'no-store'],
    ['a directive that only begins like it', 'private-ish', 'no-store', 'no-store'],
    ['immutable', 'immutable, max-age=31536000', 'no-store', 'no-store'],
  ])('own Cache-Control: %s', (_, own, read, set) => {
    const before: Record<string, string> = own === undefined ? {} : { 'cache-control': own };
    expect(after(PERSONAL, before)).toMatchObject({ 'cache-control': read, setCookies: [] });
    expect(after(SETTING, before)).toMatchObject({ 'cache-control': set, setCookies: [OURS] });
  });

  test.each<[string | undefined, string]>([
    [undefined, 'Cookie'],
    ['', 'Cookie'],
    ['Accept', 'Accept, Cookie'],
    ['Cookie', 'Cookie'],
    ['cookie', 'cookie'],
    ['Accept, Cookie', 'Accept, Cookie'],
    ['Accept,cookie,Origin', 'Accept,cookie,Origin'],
    ['*', '*'],
    ['Cookie2', 'Cookie2, Cookie'],
    ['X-Cookie', 'X-Cookie, Cookie'],
  ])('own Vary %j becomes %j', (own, expected) => {
    const before: Record<string, string> = own === undefined ? {} : { vary: own };
    expect(after(PERSONAL, before)).toMatchObject({ vary: expected });
    expect(after(SETTING, before)).toMatchObject({ vary: expected });
  });

  test('are the handler’s alone where it did not look at the session', () => {
    const before = { 'cache-control': 'public, max-age=60', vary: 'Accept' };
    expect(after(NOTHING, before, ['a=1'])).toEqual({ ...before, setCookies: ['a=1'] });
    expect(after(NOTHING)).toEqual({ setCookies: [] });
  });

  test('are no-store beside a cookie, even where the handler did not look', () => {
    const committed = { ...NOTHING, setCookies: [OURS] };
    expect(after(committed, { 'cache-control': 'public' })).toMatchObject({
      'cache-control': 'no-store',
      vary: 'Cookie',
    });
  });
});

describe('Set-Cookie of an answer (RFC6265bis-4.1.3)', () => {
  test.each<[string, string[], string[]]>([
    ['the handler’s others stay, in front', ['a=1', 'b=2; Path=/'], ['a=1', 'b=2; Path=/', OURS]],
    ['its cookie of our name goes', ['__Host-session=own; Path=/; Secure'], [OURS]],
    ['however often it set it', ['__Host-session=1', 'a=1', '__Host-session=2'], ['a=1', OURS]],
    ['a deletion of ours goes too', ['__Host-session=; Max-Age=0'], [OURS]],
    ['a name that only begins like ours stays', ['__Host-session2=x'], ['__Host-session2=x', OURS]],
    ['a value that holds our name stays', ['a=__Host-session=x'], ['a=__Host-session=x', OURS]],
    ['names are told apart by their case', ['__host-SESSION=x'], ['__host-SESSION=x', OURS]],
  ])('%s', (_, own, expected) => {
    expect(after(SETTING, {}, own).setCookies).toEqual(expected);
  });

  test('each of several cookies of ours replaces its own', () => {
    const csrf = '__Host-csrf=; Max-Age=0';
    const committed = { ...SETTING, setCookies: [OURS, csrf] };
    expect(after(committed, {}, ['__Host-csrf=x', '__Host-session=x', 'a=1']).setCookies).toEqual([
      'a=1',
      OURS,
      csrf,
    ]);
  });

  test('are not touched where there is none of ours', () => {
    expect(after(PERSONAL, {}, ['__Host-session=own']).setCookies).toEqual(['__Host-session=own']);
  });
});

describe('Clear-Site-Data of an answer (ASVS-14.3.1) (CSD-1)', () => {
  test('is exactly cache and storage at sign-out, never cookies (CSD-2)', () => {
    expect(after(SIGNED_OUT)).toMatchObject({ 'clear-site-data': '"cache", "storage"' });
  });

  test('is the handler’s own where it set one', () => {
    expect(after(SIGNED_OUT, { 'clear-site-data': '"storage"' })).toMatchObject({
      'clear-site-data': '"storage"',
    });
  });

  test.each([
    ['nothing', NOTHING],
    ['a read', PERSONAL],
    ['a cookie', SETTING],
  ])('is absent with %s', (_, committed) => {
    expect(after(committed)).not.toHaveProperty('clear-site-data');
  });
});
