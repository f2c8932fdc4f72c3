import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { capture } from './support/canary.ts';
import { onEachStore } from './support/world.ts';

const schemas = {
  cart: z.array(z.object({ sku: z.string(), count: z.number().int().positive() })),
  theme: z.enum(['light', 'dark']),
  visits: z.number().default(0),
};

onEachStore('data with schemas', (open) => {
  test('what fits is kept, with the schema’s own output, and typed by key', async () => {
    const ada = open({ data: schemas }).browser();
    await ada.request((session) => {
      session.set('theme', 'dark');
      session.set('cart', [{ sku: 'a', count: 1, extra: 'dropped' } as { sku: string; count: number }]);
      expectTypeOf(session.get('theme')).toEqualTypeOf<'light' | 'dark' | undefined>();
      // @ts-expect-error: not a theme
      expect(() => session.set('theme', 'blue')).toThrow(TypeError);
      // @ts-expect-error: not a key
      expect(() => session.set('colour', 'dark')).toThrow(/^session data "colour": not declared/);
    });
    expect(await ada.request((session) => session.all())).toEqual({
      theme: 'dark',
      cart: [{ sku: 'a', count: 1 }],
    });
  });

  test('what does not fit is refused with the path and never with the value', async () => {
    const ada = open({ data: schemas }).browser();
    const attempt = ada.request((session) => session.set('cart', [{ sku: 'hunter2', count: -42 }]));
    await expect(attempt).rejects.toThrow(
      /^session data "cart": the value does not fit its schema at 0\.count$/,
    );
    await expect(
      ada.request((session) => session.update('theme', () => 'hunter2' as 'dark')),
    ).rejects.toThrow(/fit its schema$/);
    expect(ada.cookie).toBe('');
  });

  test('a stored value that no longer fits reads as absent, once a request, with an event that does not quote it', async () => {
    const { browser, events, server } = open();
    const ada = browser();
    await ada.request((session) => {
      session.set('theme', 'hunter2');
      session.set('cart', []);
      session.set('undeclared', 1);
      session.set('constructor', 1);
    });
    const strict = server({ data: schemas });
    const later = strict.browser({ cookie: ada.cookie });
    await later.request((session) => {
      expect([session.get('theme'), session.get('theme'), session.get('cart')]).toEqual([
        undefined,
        undefined,
        [],
      ]);
      expect(session.all()).toEqual({ cart: [] });
    });
    expect(strict.events).toEqual([
      expect.objectContaining({ type: 'data_rejected', key: 'theme', owasp: 'input_validation_fail' }),
    ]);
    expect(JSON.stringify([...events, ...strict.events])).not.toContain('hunter2');
    // It is still there for code that knows it, until it is written over.
    expect(await ada.request((session) => session.get('theme'))).toBe('hunter2');
    await later.request((session) => session.set('theme', 'light'));
    expect(await ada.request((session) => session.get('theme'))).toBe('light');
  });

  test('an older shape is migrated when it is read, and stored as the new one when it is written', async () => {
    const { browser, server } = open({ data: { cart: z.array(z.string()), name: z.string() } });
    const ada = browser();
    await ada.request((session) => {
      session.set('cart', ['a', 'b']);
      session.set('name', 'Ada');
    });
    const seen: unknown[] = [];
    const second = server({
      data: { cart: z.array(z.object({ sku: z.string(), count: z.number() })), name: z.string() },
      dataVersion: 3,
      migrate(key, value, fromVersion) {
        seen.push([key, value, fromVersion]);
        return key === 'cart' ? (value as string[]).map((sku) => ({ sku, count: 1 })) : value;
      },
    });
    const later = second.browser({ cookie: ada.cookie });
    expect(await later.request((session) => session.get('cart'))).toEqual([
      { sku: 'a', count: 1 },
      { sku: 'b', count: 1 },
    ]);
    await later.request((session) => session.update('cart', (cart = []) => cart.slice(0, 1)));
    expect(seen).toContainEqual(['cart', ['a', 'b'], 1]);
    seen.length = 0;
    expect(await later.request((session) => [session.get('cart'), session.get('name')])).toEqual([
      [{ sku: 'a', count: 1 }],
      'Ada',
    ]);
    expect(seen).toEqual([['name', 'Ada', 1]]);
  });

  test('a migration that throws leaves the value absent, with an event', async () => {
    const { browser, server } = open();
    const ada = browser();
    await ada.request((session) => session.set('theme', 'dark'));
    const broken = server({
      data: schemas,
      dataVersion: 2,
      migrate: () => {
        throw new Error('a bug of the application');
      },
    });
    expect(
      await broken.browser({ cookie: ada.cookie }).request((session) => session.get('theme')),
    ).toBeUndefined();
    expect(broken.events).toMatchObject([{ type: 'data_rejected', key: 'theme' }]);
  });

  test('a schema that answers later is a programming error', async () => {
    const later = z.string().refine(async () => true);
    const slow = { '~standard': { ...later['~standard'], validate: async (value: unknown) => ({ value }) } };
    const ada = open({ data: { note: slow as unknown as z.ZodString } }).browser();
    await expect(ada.request((session) => session.set('note', 'x'))).rejects.toThrow(
      /schema is asynchronous/,
    );
  });
});

onEachStore('data without schemas', (open) => {
  test('any JSON value is kept, whatever the key is called', async () => {
    const ada = open().browser();
    const values = {
      __proto__x: 1,
      constructor: { a: [null, true, 1.5, 'é'] },
      toString: 'x',
      '': undefined,
    };
    await ada.request((session) => {
      session.set('__proto__', { isAdmin: true });
      session.set('constructor', values.constructor);
      session.set('toString', 'x');
      session.set('\ud800', '\udc00\u0000');
    });
    await ada.request((session) => {
      expect(session.get('__proto__')).toEqual({ isAdmin: true });
      expect(session.get('constructor')).toEqual(values.constructor);
      expect(session.get('\ud800')).toBe('\udc00\u0000');
      expect(Object.keys(session.all()).toSorted()).toEqual(
        ['__proto__', 'constructor', 'toString', '\ud800'].toSorted(),
      );
      expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
      expect(session.get('valueOf')).toBeUndefined();
    });
  });

  test('a value that was changed after set is stored as it was when it was set', async () => {
    const ada = open().browser();
    const list = ['a'];
    await ada.request((session) => {
      session.set('list', list);
      list.push('b');
      expect(session.get('list')).toEqual(['a']);
    });
    expect(await ada.request((session) => session.get('list'))).toEqual(['a']);
  });

  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 10n],
  ])('%s is no JSON value', async (_, value) => {
    const ada = open().browser();
    await expect(ada.request((session) => session.set('key', value as never))).rejects.toThrow(TypeError);
  });

  test.each([
    ['an empty key', ''],
    ['a key of 129 characters', 'k'.repeat(129)],
    ['a key that is not a string', 7],
  ])('%s is refused', async (_, key) => {
    const ada = open().browser();
    await expect(ada.request((session) => session.set(key as string, 1))).rejects.toThrow(
      /a key is a string of 1 to 128/,
    );
  });

  test('a value of more than 65,536 characters of JSON, and a 257th key, are refused; one less is not', async () => {
    const ada = open().browser();
    await ada.request((session) => {
      session.set('large', 'x'.repeat(65_534));
      expect(() => session.set('larger', 'x'.repeat(65_535))).toThrow(RangeError);
      for (let i = 0; i < 255; i++) session.set(`key-${i}`, i);
      expect(() => session.set('one more', 1)).toThrow(RangeError);
      session.set('key-0', 'again');
      session.delete('key-1');
      session.set('another', 1);
    });
    await ada.request((session) => {
      expect(Object.keys(session.all()).length).toBe(256);
      expect(() => session.set('one more', 1)).toThrow(RangeError);
      session.set('key-2', 'again');
    });
  });
});

describe('what a value’s error tells', () => {
  test('is the key and the size, never the value', async () => {
    const { RequestData } = await import('../src/data.ts');
    const data = new RequestData(
      { schemas: undefined, schemaVersion: 1, migrate: undefined, freezesValues: true },
      new Map(),
      () => undefined,
    );
    try {
      data.set('key', `hunter2${'x'.repeat(70_000)}`);
      expect.unreachable();
    } catch (error) {
      capture(error);
      expect(String(error)).toMatch(
        /^RangeError: session data "key": 70009 characters of JSON, at most 65536/,
      );
      expect(String(error)).not.toContain('hunter2');
    }
  });
});
