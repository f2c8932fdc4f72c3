import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { z } from 'zod';
import type { DeepReadonly } from '../src/index.ts';
import { onEachStore } from './support/world.ts';

afterEach(() => void vi.unstubAllEnvs());

const data = {
  cart: z.array(z.object({ sku: z.string(), count: z.number() })),
  flash: z.string(),
  theme: z.enum(['light', 'dark']),
};

onEachStore('values of the session', (open) => {
  test('a flash value is taken once: shown, and gone for every later request', async () => {
    const ada = open({ data }).browser();
    await ada.request((session) => session.set('flash', 'saved'));
    expect(await ada.request((session) => [session.take('flash'), session.get('flash')])).toEqual([
      'saved',
      undefined,
    ]);
    expect(await ada.request((session) => session.take('flash'))).toBeUndefined();
  });

  test('taking what is not there makes no session and no write', async () => {
    const { browser, events } = open({ data });
    const ada = browser();
    await ada.request((session) => session.take('flash'));
    expect(ada.cookie).toBe('');
    expect(events).toEqual([]);
  });

  test('a taken value stays when the handler fails before its answer', async () => {
    const ada = open({ data }).browser();
    await ada.request((session) => session.set('flash', 'saved'));
    await expect(
      ada.request((session) => {
        session.take('flash');
        throw new Error('the page could not be rendered');
      }),
    ).rejects.toThrow('rendered');
    expect(await ada.request((session) => session.take('flash'))).toBe('saved');
  });

  test('a value that is changed in place throws while developing, all the way down, and is kept nowhere', async () => {
    const ada = open({ data }).browser();
    await ada.request((session) => session.set('cart', [{ sku: 'tea', count: 1 }]));
    await ada.request((session) => {
      const cart = session.get('cart') as { sku: string; count: number }[];
      expect(() => cart.push({ sku: 'jam', count: 1 })).toThrow(TypeError);
      expect(() => {
        (cart[0] as { count: number }).count = 9;
      }).toThrow(TypeError);
    });
    expect(await ada.request((session) => session.get('cart'))).toEqual([{ sku: 'tea', count: 1 }]);
  });

  test('production spares the freezing', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const ada = open({ data }).browser();
    await ada.request((session) => session.set('cart', []));
    expect(await ada.request((session) => Object.isFrozen(session.get('cart')))).toBe(false);
  });

  test('the value handed to set stays the handler’s own', async () => {
    const ada = open({ data }).browser();
    const cart = [{ sku: 'tea', count: 1 }];
    await ada.request((session) => {
      session.set('cart', cart);
      session.get('cart');
      cart.push({ sku: 'jam', count: 1 });
    });
    expect(await ada.request((session) => session.get('cart'))).toHaveLength(1);
  });

  test('what was read can be set again, and one value can be made from another', async () => {
    const ada = open({ data }).browser();
    await ada.request((session) => session.set('cart', [{ sku: 'tea', count: 1 }]));
    await ada.request((session) => {
      const cart = session.get('cart') ?? [];
      session.set('cart', cart);
      session.set('cart', [...cart, { sku: 'jam', count: 2 }]);
    });
    await ada.request((session) =>
      session.update('cart', (cart = []) => cart.filter(({ sku }) => sku === 'jam')),
    );
    expect(await ada.request((session) => session.get('cart'))).toEqual([{ sku: 'jam', count: 2 }]);
  });

  test('keys and values are typed, and read-only all the way down', async () => {
    const ada = open({ data }).browser();
    await ada.request((session) => {
      expectTypeOf(session.get('theme')).toEqualTypeOf<'light' | 'dark' | undefined>();
      expectTypeOf(session.get('cart')).toEqualTypeOf<
        readonly { readonly sku: string; readonly count: number }[] | undefined
      >();
      // @ts-expect-error -- not a key
      expect(() => session.set('basket', [])).toThrow('not declared');
      // @ts-expect-error -- not a value
      expect(() => session.set('theme', 'drak')).toThrow('does not fit');
      // @ts-expect-error -- read-only
      expect(() => session.get('cart')?.push()).not.toThrow();
    });
  });
});

describe('DeepReadonly', () => {
  test('leaves what can not be changed as it is', () => {
    expectTypeOf<DeepReadonly<string>>().toEqualTypeOf<string>();
    expectTypeOf<DeepReadonly<{ a: { b: number[] } }>>().toEqualTypeOf<{
      readonly a: { readonly b: readonly number[] };
    }>();
  });
});
