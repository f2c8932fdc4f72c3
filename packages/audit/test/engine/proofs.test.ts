import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findProofs, findProofsAnew } from '../../src/engine/proofs.ts';
import { cookieHolding, type Holding } from '../../src/site/holding.ts';

const PAGE = { url: new URL('https://shop.test/account'), now: 0 };

function cookie(name: string): Holding {
  return cookieHolding({
    name,
    value: `value of ${name}`,
    domain: 'shop.test',
    hostOnly: true,
    path: '/',
    secure: true,
    httpOnly: true,
  });
}

const key = (name: string): string => cookie(name).key;

/** A site that takes each of these sets, and everything that contains one, for a sign-in. */
function siteOf(
  sets: readonly (readonly string[])[],
): (holdings: readonly Holding[]) => Promise<'in' | 'out'> {
  return async (holdings) => {
    const held = new Set(holdings.map((holding) => holding.key));
    return sets.some((set) => set.every((name) => held.has(key(name)))) ? 'in' : 'out';
  };
}

test.each([
  ['one cookie of several', ['a', 'b', 'c'], [['b']]],
  ['two that are needed together', ['a', 'b', 'c'], [['a', 'c']]],
  ['two that are each enough', ['a', 'b', 'c'], [['a'], ['c']]],
  ['one, or two others together', ['a', 'b', 'c'], [['a'], ['b', 'c']]],
  ['one of many', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], [['g']]],
  ['two of many that are each enough', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], [['b'], ['f']]],
])('what proves who one is: %s', async (_name, names, sets) => {
  const proofs = await findProofs(names.map(cookie), PAGE, siteOf(sets));
  expect(proofs.isProven).toBe(true);
  expect(proofs.sets).toEqual(sets.map((set) => set.map(key)));
  expect(proofs.idle).toEqual(names.filter((name) => !sets.flat().includes(name)).map(key));
});

test('the sets that are found are those that the site goes by, whatever these are', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const anySets = fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(anySets, async (sets) => {
      const smallest = sets.filter(
        (set) => !sets.some((other) => other.length < set.length && other.every((it) => set.includes(it))),
      );
      const { sets: found } = await findProofs(names.map(cookie), PAGE, siteOf(sets));
      const text = (all: readonly (readonly string[])[]): string[] =>
        [...new Set(all.map((set) => set.toSorted().join()))].toSorted();
      expect(text(found)).toEqual(text(smallest.map((set) => set.map(key))));
    }),
  );
});

test.each([
  ['everybody is taken for signed in', async () => 'in' as const],
  ['nothing is enough a second time', async () => 'out' as const],
])('nothing is proven where %s', async (_name, judge) => {
  const proofs = await findProofs([cookie('a'), cookie('b')], PAGE, judge);
  expect(proofs.isProven).toBe(false);
  expect([...proofs.keys]).toEqual([key('a'), key('b')]);
});

test('where a part ends the session that it belongs to, each is left out of a session of its own', async () => {
  const names = ['language', 'session', 'user', 'password'];
  const needed = [['session', 'password']];
  const site = siteOf(needed);
  // A session that comes without the password is over, and so is everything after it.
  let isOver = false;
  const once = async (holdings: readonly Holding[]): Promise<'in' | 'out'> => {
    const verdict = isOver ? 'out' : await site(holdings);
    isOver ||= holdings.length > 0 && verdict === 'out';
    return verdict;
  };
  const alone = await findProofs(names.map(cookie), PAGE, once);
  expect(alone.isProven).toBe(false);
  const proofs = await findProofsAnew(names.map(key), (keys) =>
    site(names.filter((name) => keys.includes(key(name))).map(cookie)),
  );
  expect(proofs?.isProven).toBe(true);
  expect(proofs?.sets).toEqual(needed.map((set) => set.map(key)));
  expect(proofs?.idle).toEqual([key('language'), key('user')]);
});

test.each([
  ['where there are two ways in', [['a'], ['b']]],
  ['where everybody is taken for signed in', [[]]],
  ['where nothing is enough', []],
])('in sessions of their own nothing is proven %s', async (_name, sets) => {
  const site = siteOf(sets);
  const names = ['a', 'b'];
  const proofs = await findProofsAnew(names.map(key), (keys) =>
    site(names.filter((name) => keys.includes(key(name))).map(cookie)),
  );
  expect(proofs).toBeUndefined();
});
