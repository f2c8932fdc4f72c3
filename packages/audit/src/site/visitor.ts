/** One browser that the audit plays: its cookies, its token, and the headers a browser would send. */
import { cookieHeader, createJar, type Jar } from '../cookies/jar.ts';
import { isLoopback } from '../http/limits.ts';
import {
  type Answer,
  header,
  type Headers,
  headersNamed,
  redirectTarget,
  type Request,
} from '../http/message.ts';
import { type Form, type Page, readPage } from '../html/page.ts';
import {
  addressWith,
  bearerHolding,
  bearerOf,
  cookieHolding,
  cookiesOf,
  type Holding,
  type Parameter,
  parameterHolding,
} from './holding.ts';
import type { Site } from './site.ts';

export interface RequestOptions {
  readonly headers?: Headers;
  readonly body?: string;
  readonly hold?: Promise<void>;
  readonly bodyBytes?: number;
  /** The page that the request comes from; a request without one is typed into the address bar. */
  readonly from?: URL;
}

/** Where a request led to, over its redirects. */
export interface Journey {
  readonly answers: readonly Answer[];
  readonly last: Answer;
  /** A redirect that was not followed: to a host that was not named, or one too many. */
  readonly notFollowed?: URL;
}

export class Visitor {
  readonly name: string;
  readonly jar: Jar;
  /** What goes into the Authorization header. */
  bearer: string | undefined;
  /** A token that the site keeps in its addresses. */
  inAddress: { parameter: Parameter; value: string } | undefined;
  readonly #site: Site;

  constructor(site: Site, name: string, jar: Jar = createJar()) {
    this.#site = site;
    this.name = name;
    this.jar = jar;
  }

  /** One request, and no redirect followed. */
  async send(method: string, url: URL, options: RequestOptions = {}): Promise<Answer> {
    const { client, clock } = this.#site;
    const holdings = this.holdings();
    const request = browserRequest(
      method,
      url,
      { holdings, now: clock.now(), userAgent: this.#site.userAgent },
      options,
    );
    const answer = await client.send(request, this.name);
    this.jar.receive(headersNamed(answer.headers, 'set-cookie'), {
      from: request.url,
      at: clock.now(),
      number: answer.number,
    });
    return answer;
  }

  /** One request, and where its redirects lead, as long as that is a host which was named. */
  async travel(method: string, url: URL, options: RequestOptions = {}): Promise<Journey> {
    const { client } = this.#site;
    let last = await this.send(method, url, options);
    const answers = [last];
    for (;;) {
      const next = redirectTarget(last);
      if (!next) return { answers, last };
      if (!client.mayReach(next) || answers.length > client.limits.redirects) {
        return { answers, last, notFollowed: next };
      }
      const keepsMethod = last.status === 307 || last.status === 308;
      const from = last.request.url;
      if (keepsMethod) last = await this.send(last.request.method, next, { ...options, from });
      else last = await this.send('GET', next, { from });
      answers.push(last);
    }
  }

  open(url: URL): Promise<Journey> {
    return this.travel('GET', url);
  }

  /** Fills in a form and sends it, as a person would: what is hidden or ticked goes along. */
  submit(
    form: Form,
    from: URL,
    values: Readonly<Record<string, string>>,
    options: Pick<RequestOptions, 'hold'> = {},
  ): Promise<Journey> {
    const body = formBody(form, values);
    if (form.method === 'GET') {
      const url = new URL(form.action);
      url.search = body;
      return this.travel('GET', url, { from });
    }
    const headers: Headers = [['Content-Type', 'application/x-www-form-urlencoded']];
    return this.travel('POST', form.action, { ...options, headers, body, from });
  }

  /** Everything it holds, as it is now: later answers do not change it. */
  holdings(): Holding[] {
    const held = this.jar.cookies.map(cookieHolding);
    if (this.bearer !== undefined) held.push(bearerHolding(this.bearer));
    if (this.inAddress) held.push(parameterHolding(this.inAddress.parameter, this.inAddress.value));
    return held;
  }
}

export function pageOf(answer: Answer): Page {
  return readPage(answer.body, answer.request.url);
}

export interface Sender {
  readonly holdings: readonly Holding[];
  readonly now: number;
  readonly userAgent: string;
}

/** The header fields that a browser would send, in about its order. */
export function browserRequest(
  method: string,
  address: URL,
  { holdings, now, userAgent }: Sender,
  { headers = [], body, hold, bodyBytes, from }: RequestOptions = {},
): Request {
  const url = addressWith(holdings, address);
  const cookies = cookiesOf(holdings, url, now);
  const bearer = bearerOf(holdings);
  const chosen = new Set(headers.map(([name]) => name.toLowerCase()));
  const own: [string, string][] = [
    ['Host', url.host],
    ['User-Agent', userAgent],
    ['Accept', 'text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8'],
    ['Accept-Language', 'en'],
    ['Accept-Encoding', 'identity'],
  ];
  if (cookies.length > 0) own.push(['Cookie', cookieHeader(cookies)]);
  if (bearer !== undefined) own.push(['Authorization', `Bearer ${bearer}`]);
  if (method !== 'GET' && method !== 'HEAD') own.push(['Origin', (from ?? url).origin]);
  if (from) own.push(['Referer', from.href]);
  // Browsers say where a request comes from to addresses they trust, and to no other.
  if (url.protocol === 'https:' || isLoopback(url.hostname)) {
    own.push(['Sec-Fetch-Site', from || method !== 'GET' ? 'same-origin' : 'none']);
    own.push(['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'document'], ['Sec-Fetch-User', '?1']);
  }
  const kept = own.filter(([name]) => !chosen.has(name.toLowerCase()));
  return {
    method,
    url,
    headers: [...kept, ...headers.filter(([, value]) => value !== '')],
    ...(body !== undefined && { body }),
    ...(hold && { hold }),
    ...(bodyBytes !== undefined && { bodyBytes }),
  };
}

/** The fields of a form with the values that are given; buttons other than the first are not pressed. */
export function formBody(form: Form, values: Readonly<Record<string, string>>): string {
  const pairs = new URLSearchParams();
  const given = new Set(Object.keys(values));
  let pressed = false;
  for (const field of form.fields) {
    if (field.name === '') continue;
    const value = values[field.name];
    if (value !== undefined) {
      if (given.delete(field.name)) pairs.append(field.name, value);
      continue;
    }
    if (field.type === 'submit' || field.type === 'image') {
      if (!pressed) pairs.append(field.name, field.value);
      pressed = true;
    } else if (field.type === 'checkbox' || field.type === 'radio') {
      if (field.isChecked) pairs.append(field.name, field.value);
    } else if (!['button', 'reset', 'file'].includes(field.type)) {
      pairs.append(field.name, field.value);
    }
  }
  for (const name of given) pairs.append(name, values[name] ?? '');
  return pairs.toString();
}

/** What a page says of itself that is no HTML: an object, where it is one. */
export function jsonOf(answer: Answer): unknown {
  const type = header(answer.headers, 'content-type') ?? '';
  if (!/[/+]json\b/i.test(type)) return undefined;
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    return undefined;
  }
}
