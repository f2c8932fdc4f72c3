/** What a visitor holds that may prove who they are: cookies, a bearer token, something in the address. */
import { isSentTo, type StoredCookie } from '../cookies/jar.ts';

export type Holding =
  | { readonly kind: 'cookie'; readonly key: string; readonly value: string; readonly cookie: StoredCookie }
  | { readonly kind: 'bearer'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'parameter';
      readonly key: string;
      readonly value: string;
      readonly parameter: Parameter;
    };

/** A token in the address: `?sid=…`, or `;jsessionid=…` behind the path. */
export interface Parameter {
  readonly name: string;
  readonly place: 'query' | 'path';
}

export function cookieHolding(cookie: StoredCookie): Holding {
  const where = cookie.path === '/' ? '' : `; Path=${cookie.path}`;
  const domain = cookie.hostOnly ? '' : `; Domain=${cookie.domain}`;
  return { kind: 'cookie', key: `cookie ${cookie.name}${where}${domain}`, value: cookie.value, cookie };
}

export function bearerHolding(value: string): Holding {
  return { kind: 'bearer', key: 'bearer token', value };
}

export function parameterHolding(parameter: Parameter, value: string): Holding {
  const shown = parameter.place === 'path' ? `;${parameter.name}=` : `?${parameter.name}=`;
  return { kind: 'parameter', key: `address ${shown}`, value, parameter };
}

export function cookiesOf(holdings: readonly Holding[], url: URL, now: number): StoredCookie[] {
  return holdings.flatMap((holding) =>
    holding.kind === 'cookie' && isSentTo(holding.cookie, url, now) ? [holding.cookie] : [],
  );
}

/** The address with what is to be carried in it. */
export function addressWith(holdings: readonly Holding[], url: URL): URL {
  const carried = new URL(url);
  for (const holding of holdings) {
    if (holding.kind !== 'parameter') continue;
    const { name, place } = holding.parameter;
    if (place === 'query') carried.searchParams.set(name, holding.value);
    else carried.pathname = `${carried.pathname};${name}=${encodeURIComponent(holding.value)}`;
  }
  return carried;
}

export function bearerOf(holdings: readonly Holding[]): string | undefined {
  return holdings.find(({ kind }) => kind === 'bearer')?.value;
}

/** Those of `holdings` that stand in the places named by `keys`. */
export function only(holdings: readonly Holding[], keys: Iterable<string>): Holding[] {
  const wanted = new Set(keys);
  return holdings.filter(({ key }) => wanted.has(key));
}

export function except(holdings: readonly Holding[], keys: Iterable<string>): Holding[] {
  const unwanted = new Set(keys);
  return holdings.filter(({ key }) => !unwanted.has(key));
}
