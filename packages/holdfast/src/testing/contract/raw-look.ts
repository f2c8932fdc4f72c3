/** What a thief of the database finds: nothing that opens a session. */
import { systemRandom } from '../../platform.ts';
import { createSessions } from '../../sessions.ts';
import type { SessionStore } from '../../store.ts';
import { manualClock } from '../clock.ts';
import { cookieHeader } from '../cookies.ts';
import { assert, assertEqual } from './assert.ts';
import type { OpenedStore, Promised } from './harness.ts';
import { START } from './samples.ts';

const NAME = '__Host-session';

/** Everything that was handed to a store, as text. */
function recorded(store: SessionStore, seen: string[]): SessionStore {
  const withMaps = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
  return new Proxy(store, {
    get(target, name) {
      if (!(name in target)) return undefined;
      const method = target[name as keyof SessionStore] as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        seen.push(JSON.stringify(values, withMaps));
        return method.apply(target, values);
      };
    },
  });
}

interface Life {
  /** Every secret and every lineage that was minted, sent or not. */
  readonly secrets: ReadonlySet<string>;
  /** What the store was handed. */
  readonly seen: readonly string[];
}

/** A whole life: anonymous, signed in, renewed, re-authenticated, elevated, reused, and ended in several ways. */
async function live(store: SessionStore): Promise<Life> {
  const draws: Uint8Array[] = [];
  const seen: string[] = [];
  const secrets = new Set<string>();
  const clock = manualClock(START);
  const sessions = createSessions({
    store: recorded(store, seen),
    clock,
    onEvent: () => undefined,
    unsafeRandom: (length) => {
      const bytes = systemRandom(length);
      draws.push(bytes.slice());
      return bytes;
    },
  });
  let cookie = '';
  const request = async (
    handle: (session: Awaited<ReturnType<typeof sessions.open>>) => unknown,
    sent = cookie,
  ): Promise<void> => {
    const headers = new Headers({ 'user-agent': 'Browser/1', ...(sent && { cookie: sent }) });
    const session = await sessions.open({ method: 'POST', url: '/', headers, remoteAddress: '192.0.2.1' });
    await handle(session);
    const { setCookies } = await sessions.commit(session);
    cookie = cookieHeader(setCookies, cookie);
    for (const part of cookie
      .slice(NAME.length + 1)
      .split('.')
      .slice(1))
      secrets.add(part);
  };

  for (const ending of ['sign-out', 'revocation', 'replacement']) {
    await request((session) => session.set('cart', ['book']));
    await request((session) => session.signIn({ userId: 'alice', persistent: true, label: 'laptop' }));
    for (let i = 0; i < 3; i++) {
      clock.advance('16m');
      const retired = cookie;
      await request((session) => session.update('count', () => i));
      await request((session) => session.get('count'));
      clock.advance('2m');
      await request(() => undefined, retired);
    }
    await request((session) => session.reauthenticate());
    await request((session) => session.elevate());
    if (ending === 'sign-out') await request((session) => session.signOut());
    if (ending === 'revocation') await sessions.revokeAll('alice');
    if (ending === 'replacement') await request((session) => session.signIn({ userId: 'bob' }));
    if (ending !== 'replacement') cookie = '';
  }

  const encoded = draws.map(encode);
  for (const [i, bytes] of draws.entries()) {
    // A token is minted as 12 bytes of lineage and then 32 of secret; salts and seeds come alone.
    if (bytes.length !== 12) continue;
    secrets.add(encoded[i] as string);
    secrets.add(encoded[i + 1] as string);
  }
  secrets.delete('');
  return { secrets, seen };
}

function encode(bytes: Uint8Array): string {
  return toBase64(latin1(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function toBase64(text: string): string {
  return btoa(text);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** As the cookie writes it, and as the bytes it stands for: raw, in hexadecimal, in base64. */
function spellings(secret: string): string[] {
  const base64 = secret.replaceAll('-', '+').replaceAll('_', '/');
  const raw = atob(base64);
  const hex = [...raw].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return [secret, base64, raw, hex, hex.toUpperCase()];
}

async function bytesOf({ raw }: OpenedStore): Promise<string> {
  const bytes = (await raw?.()) ?? '';
  return typeof bytes === 'string' ? bytes : latin1(bytes);
}

export const rawLook: readonly Promised[] = [
  {
    name: 'after the whole life of several sessions, neither the store nor anything handed to it holds a secret or a lineage (SM-6, ASVS-16.2.5)',
    keeps: async (opened) => {
      const { secrets, seen } = await live(opened.store);
      const written = await bytesOf(opened);
      assert(secrets.size >= 30, 'the life was too short to prove anything');
      assertEqual(opened.raw === undefined || written.length > 0, true, 'there is something to look at');
      const everything = `${seen.join('\n')}\n${written}`;
      for (const secret of secrets) {
        for (const spelling of spellings(secret)) {
          assert(!everything.includes(spelling), 'a secret, or a lineage, is in the store');
        }
      }
    },
  },
];
