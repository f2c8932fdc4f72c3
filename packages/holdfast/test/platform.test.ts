import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as platform from '../src/platform.ts';
import { property } from './support/long.ts';

type Platform = typeof platform;

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

/** The platform file as a runtime without `node:crypto` evaluates it, or with an older one. */
async function platformWith(builtin: unknown): Promise<Platform> {
  vi.resetModules();
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(builtin as never);
  return import('../src/platform.ts');
}

const runtimes: Record<string, () => Promise<Platform>> = {
  'with node:crypto': () => import('../src/platform.ts'),
  'without node:crypto': () => platformWith(undefined),
  'with a node:crypto that has no one-shot hash': () => platformWith({ createHmac }),
};

describe.each(Object.entries(runtimes))('%s', (_, load) => {
  test('SHA-256 and HMAC agree with node:crypto on any text', async () => {
    const { sha256, hmacSha256 } = await load();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', minLength: 1 }),
        async (text, key) => {
          expect(await sha256(text)).toBe(createHash('sha256').update(text).digest('base64url'));
          expect(await hmacSha256(key, text)).toBe(
            createHmac('sha256', key).update(text).digest('base64url'),
          );
        },
      ),
      { ...property, numRuns: Math.min(property.numRuns, 1_000) },
    );
  });

  test('known answers', async () => {
    const { sha256, hmacSha256 } = await load();
    const hex = (text: string): string => Buffer.from(text, 'base64url').toString('hex');
    // FIPS 180-4, and RFC 4231 §4.3.
    expect(hex(await sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(await hmacSha256('Jefe', 'what do ya want for nothing?'))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
});

test('the synchronous hash is used where there is one, and a promise where there is none', async () => {
  expect(typeof (await import('../src/platform.ts')).sha256('x')).toBe('string');
  expect((await platformWith(undefined)).sha256('x')).toBeInstanceOf(Promise);
});

describe('random bytes', () => {
  test('are as many as asked for, and never handed out twice (ASVS-11.5.1)', async () => {
    const { systemRandom } = await import('../src/platform.ts');
    const seen = new Set<string>();
    for (let i = 0; i < 2_000; i++) {
      const bytes = systemRandom(16);
      expect(bytes.length).toBe(16);
      seen.add(Buffer.from(bytes).toString('hex'));
    }
    expect(seen.size).toBe(2_000);
  });

  test('do not straddle two blocks, whatever lengths are asked for', async () => {
    const { systemRandom } = await import('../src/platform.ts');
    for (const length of [0, 1, 12, 32, 4_095, 4_096, 33, 4_064]) {
      const bytes = systemRandom(length);
      expect(bytes.length).toBe(length);
      if (length > 30) expect(bytes.some((byte) => byte !== 0)).toBe(true);
    }
    expect(() => systemRandom(4_097)).toThrow(RangeError);
  });

  test('belong to the caller: changing them changes none that come later', async () => {
    const { systemRandom } = await import('../src/platform.ts');
    systemRandom(32).fill(0);
    expect(systemRandom(32).some((byte) => byte !== 0)).toBe(true);
  });

  test('are erased from the block they came from', async () => {
    vi.resetModules();
    const blocks: Uint8Array[] = [];
    const real = crypto.getRandomValues.bind(crypto);
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((block) => {
      blocks.push(block as Uint8Array);
      return real(block);
    });
    const { systemRandom } = await import('../src/platform.ts');
    const bytes = Buffer.from(systemRandom(32));
    expect(blocks.length).toBe(1);
    expect(Buffer.from(blocks[0] ?? []).includes(bytes)).toBe(false);
  });
});

describe('the comparison', () => {
  test('is equality (ASVS-11.2.4)', async () => {
    const { equalConstantTime } = await import('../src/platform.ts');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(equalConstantTime(a, b)).toBe(a === b);
        expect(equalConstantTime(a, `${a}`)).toBe(true);
      }),
      property,
    );
  });

  test('sees a difference at every place', async () => {
    const { equalConstantTime } = await import('../src/platform.ts');
    const text = 'A'.repeat(43);
    for (let i = 0; i < text.length; i++) {
      expect(equalConstantTime(text, `${text.slice(0, i)}B${text.slice(i + 1)}`)).toBe(false);
    }
    expect(equalConstantTime(text, text.slice(1))).toBe(false);
    expect(equalConstantTime(text, '')).toBe(false);
  });
});
