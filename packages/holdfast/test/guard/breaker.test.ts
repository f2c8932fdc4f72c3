import { expect, test } from 'vitest';
import { guarded, turn, type Guarded, watch } from '../support/guarded.ts';

const SUSPENDED = 'calls are suspended, since 5 in a row have failed';
const REFUSED = 'connect ECONNREFUSED 127.0.0.1:6379';
type Ask = (store: Guarded['store']) => unknown;

const read: Ask = (store) => store.read('A');
const write: Ask = (store) => store.insert({ id: 'A' } as never);

/** One call from beginning to end, and what it ended with. */
async function ask(world: Guarded, fate: 'answer' | 'refuse', call: Ask = read): Promise<string> {
  const before = world.held.length;
  const seen = watch(call(world.store));
  for (let i = before; i < world.held.length; i++) {
    await world.held[i]?.[fate]();
    await turn();
  }
  await turn();
  return seen.settled;
}

async function open(world: Guarded, call: Ask = read, failures = 5): Promise<void> {
  for (let i = 0; i < failures; i++) await ask(world, 'refuse', call);
}

test('five failures in a row, and the sixth call does not reach the store', async () => {
  const world = guarded({ retry: false });
  for (let i = 0; i < 5; i++) expect(await ask(world, 'refuse')).toBe(REFUSED);
  expect(await ask(world, 'answer')).toBe(SUSPENDED);
  expect(world.held).toHaveLength(5);
});

test('an answer in between begins the count anew', async () => {
  const world = guarded({ retry: false });
  await open(world, read, 4);
  await ask(world, 'answer');
  await open(world, read, 4);
  expect(await ask(world, 'answer')).toBe('answered');
});

test('after the pause one call tries, and the others are refused until it is answered', async () => {
  const world = guarded({ retry: false });
  await open(world);
  world.timer.advance(0.999);
  expect(await ask(world, 'answer')).toBe(SUSPENDED);
  world.timer.advance(0.001);
  const probe = watch(world.store.read('A'));
  expect(await ask(world, 'answer')).toBe(SUSPENDED);
  expect(world.held).toHaveLength(6);
  await world.held[5]?.answer();
  await turn();
  expect(probe.settled).toBe('answered');
  expect(await ask(world, 'answer')).toBe('answered');
  // And it takes five again.
  await open(world, read, 4);
  expect(await ask(world, 'answer')).toBe('answered');
});

test('a try that fails suspends the calls for another pause, and one that hangs does when its time is out', async () => {
  const world = guarded({ breaker: { failures: 2, pause: '3s' }, retry: false });
  await open(world, read, 2);
  world.timer.advance('3s');
  expect(await ask(world, 'refuse')).toBe(REFUSED);
  world.timer.advance(2.999);
  expect(await ask(world, 'answer')).toMatch(/suspended, since 2/);
  world.timer.advance(0.001);
  const hung = watch(world.store.read('A'));
  world.timer.advance('1s');
  await turn();
  expect(hung.settled).toMatch(/no answer/);
  expect(await ask(world, 'answer')).toMatch(/suspended/);
  world.timer.advance('3s');
  expect(await ask(world, 'answer')).toBe('answered');
});

test('calls that one broken connection takes down together count once', async () => {
  const world = guarded({ retry: false });
  const calls = Array.from({ length: 50 }, () => watch(world.store.read('A')));
  for (const call of world.held) call.refuse(new Error('read ECONNRESET'));
  await turn();
  expect(new Set(calls.map(({ settled }) => settled))).toEqual(new Set(['read ECONNRESET']));
  expect(await ask(world, 'answer')).toBe('answered');
});

test('calls whose time ran out count each', async () => {
  const world = guarded();
  for (let i = 0; i < 5; i++) void watch(world.store.read('A'));
  world.timer.advance('1s');
  await turn();
  expect(await ask(world, 'answer')).toBe(SUSPENDED);
});

test('what was under way when the calls were suspended neither resumes them nor suspends them again', async () => {
  const world = guarded({ retry: false, breaker: { failures: 1, pause: '100s' }, timeout: '1000s' });
  const [slow, slower, hung] = [1, 2, 3].map(() => watch(world.store.read('A')));
  await ask(world, 'refuse');
  await world.held[0]?.answer();
  await turn();
  expect(slow?.settled).toBe('answered');
  expect(await ask(world, 'answer')).toMatch(/suspended/);
  world.timer.advance('100s');
  expect(await ask(world, 'answer')).toBe('answered');
  world.held[1]?.refuse();
  await turn();
  expect(slower?.settled).toBe(REFUSED);
  world.timer.advance('900s');
  await turn();
  expect(hung?.settled).toMatch(/no answer/);
  expect(await ask(world, 'answer')).toBe('answered');
});

test('what was under way and fails during the pause does not make it longer', async () => {
  const world = guarded({ retry: false, breaker: { failures: 1 } });
  const slow = watch(world.store.read('A'));
  await ask(world, 'refuse');
  world.timer.advance(0.9);
  world.held[0]?.refuse();
  await turn();
  expect(slow.settled).toBe(REFUSED);
  world.timer.advance(0.1);
  expect(await ask(world, 'answer')).toBe('answered');
  expect(world.events.at(-1)).toMatchObject({ type: 'store_resumed', failed: 1, lasted: 1_000 });
});

test('a store that can still be read is read, whatever becomes of writes', async () => {
  const world = guarded();
  await open(world, write);
  expect(await ask(world, 'answer', write)).toBe(SUSPENDED);
  expect(await ask(world, 'answer', (store) => store.admit('user:ada', 'A', 0))).toBe(SUSPENDED);
  expect(await ask(world, 'answer', read)).toBe('answered');
  expect(await ask(world, 'answer', (store) => store.listBy('user:ada'))).toBe('answered');
  expect(await ask(world, 'answer', (store) => store.epochOf('user:ada'))).toBe('answered');
});

test.each([
  ['a record that can not be decoded', new SyntaxError('Unexpected end of JSON input'), false],
  ['a mistake in the store', new TypeError("reading 'id' of undefined"), false],
  ['a name that is not there', new ReferenceError('x is not defined'), false],
  ['no room for this session', new RangeError('the memory store is full'), false],
  ['what is not even an error', 'oops', true],
  ['a lost connection of fetch', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), true],
])('%s: does it suspend the calls, and is it tried twice?', async (_what, error, isTheStores) => {
  const world = guarded();
  for (let i = 0; i < 10; i++) {
    const before = world.held.length;
    const seen = watch(world.store.read('A'));
    for (let j = before; j < world.held.length; j++) {
      world.held[j]?.refuse(error);
      await turn();
    }
    await turn();
    expect(seen.settled).not.toBe('not yet');
  }
  // The store's: five calls, each asked for twice.
  expect(world.held).toHaveLength(10);
  expect(await ask(world, 'answer')).toBe(isTheStores ? SUSPENDED : 'answered');
});

test('a try that ends with the fault of a record leaves the next call to try', async () => {
  const world = guarded({ retry: false });
  await open(world);
  world.timer.advance('1s');
  const damaged = watch(world.store.read('A'));
  world.held[5]?.refuse(new SyntaxError('Unexpected token'));
  await turn();
  expect(damaged.settled).toBe('Unexpected token');
  expect(await ask(world, 'answer')).toBe('answered');
  expect(await ask(world, 'answer')).toBe('answered');
});

test('without a breaker, the store is asked every time', async () => {
  const world = guarded({ breaker: false, retry: false });
  await open(world, read, 100);
  expect(await ask(world, 'answer')).toBe('answered');
});

test('events tell of each failure, once that calls are suspended, and once that they are resumed', async () => {
  const world = guarded({ retry: false });
  await open(world);
  for (let i = 0; i < 1_000; i++) await ask(world, 'answer');
  world.timer.advance('1s');
  await ask(world, 'refuse');
  world.timer.advance('1s');
  await ask(world, 'answer');
  const failed = { type: 'store_failed', at: 0, operation: 'read a session', error: expect.any(Error) };
  expect(world.events).toEqual([
    ...Array.from({ length: 5 }, () => failed),
    { type: 'store_suspended', at: 0, calls: 'reads', failures: 5, error: expect.any(Error) },
    { type: 'store_resumed', at: 0, calls: 'reads', failed: 1_001, lasted: 2_000 },
  ]);
});

test('the fault of a record is told of even while calls are suspended', async () => {
  const world = guarded({ retry: false, breaker: { failures: 1 } });
  const damaged = watch(world.store.read('A'));
  await ask(world, 'refuse');
  world.held[0]?.refuse(new SyntaxError('Unexpected token'));
  await turn();
  expect(damaged.settled).toBe('Unexpected token');
  expect(world.events.map(({ type }) => type)).toEqual(['store_failed', 'store_suspended', 'store_failed']);
});
