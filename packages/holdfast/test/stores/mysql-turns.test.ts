import { expect, test, vi } from 'vitest';
import { Turns } from '../../src/stores/mysql/turns.ts';

test('each waits for the one before, of its own key only, whatever became of it', async () => {
  const turns = new Turns();
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const first = turns.take('a', async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    order.push('first');
    throw new Error('the connection broke');
  });
  const second = turns.take('a', async () => order.push('second'));
  await turns.take('b', async () => order.push('other'));
  expect(order).toEqual(['other']);
  expect([turns.isTaken('a'), turns.isTaken('b')]).toEqual([true, false]);
  finish();
  await expect(first).rejects.toThrow('the connection broke');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
  expect(turns.isTaken('a')).toBe(false);
});

test('one that hangs holds the others up for 250 ms, and no longer', async () => {
  vi.useFakeTimers();
  try {
    const turns = new Turns();
    void turns.take('a', () => new Promise<never>(() => undefined));
    const second = vi.fn<() => Promise<string>>(async () => 'done');
    const waiting = turns.take('a', second);
    await vi.advanceTimersByTimeAsync(249);
    expect(second).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toBe('done');
    expect(turns.isTaken('a')).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
