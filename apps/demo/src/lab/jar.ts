/** A browser's cookie jar, as far as one host needs one: what is sent along, and what scripts may read. */

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly isHttpOnly: boolean;
  readonly sameSite: 'lax' | 'strict' | 'none';
}

/**
 * Where a request comes from, seen from the page it is sent to. Ports do not count: `localhost:1` and `localhost:2` are
 * one site.
 */
export type Initiator = 'same-origin' | 'same-site' | 'cross-site';

export class Jar {
  readonly #cookies = new Map<string, Cookie>();

  get(name: string): Cookie | undefined {
    return this.#cookies.get(name);
  }

  /** Somebody else's hand in the jar: a planted cookie, or a copied one. */
  put(cookie: Cookie): void {
    this.#cookies.set(cookie.name, cookie);
  }

  /** Takes a Set-Cookie header, and returns what it did. */
  take(setCookie: string): Cookie | undefined {
    const [pair = '', ...attributes] = setCookie.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const lower = new Set(attributes.map((attribute) => attribute.toLowerCase()));
    if (lower.has('max-age=0')) {
      this.#cookies.delete(name);
      return undefined;
    }
    // A cookie that says nothing goes everywhere in Firefox and Safari, and in Chrome during its first two minutes.
    const sameSite = lower.has('samesite=strict') ? 'strict' : lower.has('samesite=lax') ? 'lax' : 'none';
    const cookie: Cookie = { name, value, isHttpOnly: lower.has('httponly'), sameSite };
    this.#cookies.set(name, cookie);
    return cookie;
  }

  /** What goes along with a request (RFC 6265bis §5.8.3); a form's POST across sites is what SameSite keeps back. */
  sentWith(initiator: Initiator): Cookie[] {
    return [...this.#cookies.values()].filter(
      ({ sameSite }) => initiator !== 'cross-site' || sameSite === 'none',
    );
  }

  /** `document.cookie` */
  readByScript(): string {
    return [...this.#cookies.values()]
      .filter(({ isHttpOnly }) => !isHttpOnly)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}
