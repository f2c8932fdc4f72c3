/** A basket on node:http that each request adds to, kept on the server or in the cookie: what can be lost, or brought back. */
import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { PASSWORD, USER } from '../exhibit.ts';
import { bodyOf, SIGN_IN_FORM, START_PAGE } from '../plain.ts';

export interface Parts {
  /**
   * - `by item`: each item is added to what is there by then
   * - `whole`: what was read when the request began is written when it ends, if the session still exists
   * - `first come`: the same, and refused where somebody else has written meanwhile
   * - `in the cookie`, signed; `numbered` is the same, and only the newest is taken
   */
  readonly keeps: 'by item' | 'whole' | 'first come' | 'in the cookie' | 'in the cookie, numbered';
  /** A new item takes the place of the one before. */
  readonly overwrites: boolean;
  /** So many fit, and more are left out without a word. */
  readonly room: number;
  /** A new token with each change; those before it stay good. */
  readonly renews: boolean;
}

interface Basket {
  readonly id: string;
  readonly items: readonly string[];
  readonly version: number;
}

const NAME = '__Host-basket';
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const DELETION = `${NAME}=; ${ATTRIBUTES}; Max-Age=0`;

export function basketSite(parts: Partial<Parts> = {}): RequestListener {
  const { keeps = 'by item', overwrites = false, room = 1_000, renews = false } = parts;
  const key = randomBytes(32);
  const inCookie = keeps.startsWith('in the cookie');
  const baskets = new Map<string, Basket>();
  const tokens = new Map<string, string>();

  const signature = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');

  function tokenOf(basket: Basket): string {
    if (inCookie) {
      const text = Buffer.from(JSON.stringify(basket)).toString('base64url');
      return `${text}.${signature(text)}`;
    }
    const token = randomBytes(16).toString('hex');
    tokens.set(token, basket.id);
    return token;
  }

  function basketOf(token: string): Basket | undefined {
    if (!inCookie) return baskets.get(tokens.get(token) ?? '');
    const [text = '', proof] = token.split('.');
    if (proof !== signature(text)) return undefined;
    const basket = JSON.parse(Buffer.from(text, 'base64url').toString()) as Basket;
    const newest = baskets.get(basket.id);
    const isOld = keeps === 'in the cookie, numbered' && newest?.version !== basket.version;
    return newest && !isOld ? basket : undefined;
  }

  /** `undefined` where somebody else was faster. */
  function add(read: Basket, item: string): Basket | undefined {
    const now = baskets.get(read.id);
    if (keeps === 'first come' && now?.version !== read.version) return undefined;
    const from = keeps === 'by item' && now ? now : read;
    const items = (overwrites ? [item] : [...from.items, item]).slice(0, room);
    const basket = { id: read.id, items, version: from.version + 1 };
    if (now) baskets.set(read.id, basket);
    return basket;
  }

  return (req, res) => void handle(req, res);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const token = new RegExp(`${NAME}=([^;]*)`).exec(req.headers.cookie ?? '')?.[1] ?? '';
    // Copied now: what others write while the body is on its way is not seen.
    const basket = basketOf(token);
    const form = new URLSearchParams(await bodyOf(req));
    const page = (status: number, body: string): void => {
      res.writeHead(status, { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' });
      res.end(`<!doctype html><title>Baskets</title>${body}<p>${new Date().toISOString()}</p>`);
    };
    const redirect = (to: string, cookie?: string): void => {
      if (cookie !== undefined) res.setHeader('Set-Cookie', cookie);
      res.writeHead(303, { Location: to }).end();
    };
    if (req.method === 'POST' && req.headers['sec-fetch-site'] === 'cross-site') return page(403, 'No.');
    switch (`${req.method} ${req.url}`) {
      case 'POST /login': {
        if (form.get('user') !== USER || form.get('password') !== PASSWORD) return page(401, 'No.');
        if (basket) baskets.delete(basket.id);
        const started: Basket = { id: randomBytes(16).toString('hex'), items: [], version: 0 };
        baskets.set(started.id, started);
        return redirect('/basket', `${NAME}=${tokenOf(started)}; ${ATTRIBUTES}`);
      }
      case 'POST /logout':
        if (basket) baskets.delete(basket.id);
        return redirect('/', DELETION);
      case 'GET /basket': {
        if (!basket) return redirect('/login');
        const items = basket.items.map((item) => `<li>${item.replace(/\W/g, '')}</li>`).join('');
        return page(
          200,
          `<h1>The basket of ${USER}</h1><p>Items: ${basket.items.length}</p><ul>${items}</ul><form method="post" action="/logout"><button>Sign out</button></form>`,
        );
      }
      case 'POST /basket': {
        if (!basket) return redirect('/login');
        const changed = add(basket, form.get('item') ?? 'pear');
        if (!changed) return page(409, 'The basket has changed meanwhile.');
        const renewed = inCookie || renews ? `${NAME}=${tokenOf(changed)}; ${ATTRIBUTES}` : undefined;
        return redirect('/basket', renewed);
      }
      case 'GET /login':
        return page(200, SIGN_IN_FORM);
      default:
        return page(req.url === '/' ? 200 : 404, START_PAGE);
    }
  }
}
