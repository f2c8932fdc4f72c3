/**
 * Writes the steps that send again what a browser has sent. What the site has issued, as a token against forged requests, is
 * taken from where the site gives it out; a value nobody can tell the origin of makes the steps impossible, and is named.
 */
import { mediaType, redirectTarget } from '../http/message.ts';
import type { Form } from '../html/page.ts';
import type { Account } from '../site/account.ts';
import { formBody, pageOf } from '../site/visitor.ts';
import { formWith, valueIn } from '../recipe/play.ts';
import { pathFrom, withTexts } from './address.ts';
import type { Exchanged } from './moments.ts';
import type { OpenStep, RequestStep, Source, Step } from '../recipe/recipe.ts';
import { hasSecret } from './secrets.ts';
import { bodyOf, ownHeaders, valuesOf } from './sent.ts';
import { isSurelyIssued, looksIssued, sourceOf } from './sources.ts';

export interface Origin {
  readonly target: URL;
  readonly exchanges: readonly Exchanged[];
  readonly account: Account;
  /** All that was typed where it is not shown. */
  readonly secrets: readonly string[];
  /** What the visitor has for the Authorization header by then. */
  readonly token?: string;
  /** From which exchange on answers to what is no GET may be used. */
  readonly since: number;
}

export type Derived = { readonly steps: Step[] } | { readonly why: string };

/** Steps that lead to these exchanges, in order. */
export function deriveSteps(origin: Origin, wanted: readonly number[]): Derived {
  const builder = new Builder(origin);
  for (const index of wanted) builder.need(index);
  return builder.build();
}

class Builder {
  readonly #origin: Origin;
  readonly #needed = new Set<number>();
  readonly #steps = new Map<number, Step>();
  readonly #saves = new Map<number, Record<string, Source>>();
  /** Pages whose form is sent by a later step, which opens them by itself. */
  readonly #merged = new Set<number>();
  readonly #unknown = new Set<string>();

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  need(index: number): void {
    this.#needed.add(index);
  }

  build(): Derived {
    // What a step needs stands before it, so that the last one is looked at first.
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const exchange = this.#origin.exchanges[next];
      if (exchange) this.#steps.set(next, this.#stepOf(exchange, next));
    }
    if (this.#unknown.size > 0) {
      return { why: `where this comes from can not be told: ${[...this.#unknown].join(', ')}` };
    }
    const steps = [...this.#steps].toSorted(([a], [b]) => a - b);
    return {
      steps: steps.flatMap(([index, step]) => {
        const save = this.#saves.get(index);
        if (!save && this.#merged.has(index)) return [];
        return [save ? { ...step, save } : step];
      }),
    };
  }

  #next(): number | undefined {
    const open = [...this.#needed].filter((index) => !this.#steps.has(index));
    return open.length === 0 ? undefined : Math.max(...open);
  }

  #stepOf(exchange: Exchanged, index: number): Step {
    const { request } = exchange.answer;
    if (request.method === 'GET' && exchange.isPage) return { open: this.#pathOf(index) };
    const page = this.#pageBefore(index);
    if (page === undefined) return this.#requestOf(exchange, index);
    this.#needed.add(page);
    const step = request.method === 'POST' && this.#formStep(exchange, page);
    if (!step) return this.#requestOf(exchange, index);
    this.#merged.add(page);
    return step;
  }

  /** The form of a page that sends this, with what somebody has filled in: what is hidden is taken from the page. */
  #formStep(exchange: Exchanged, page: number): OpenStep | undefined {
    const { request } = exchange.answer;
    const answer = this.#origin.exchanges[page]?.answer;
    const body = bodyOf(request);
    if (!answer || body.kind === 'json' || body.kind === 'other') return undefined;
    const pairs = body.kind === 'form' ? body.pairs : [];
    const { forms } = pageOf(answer);
    for (const form of forms) {
      if (form.method !== 'POST' || form.action.href !== request.url.href) continue;
      const submit = this.#filledIn(form, pairs);
      // An empty `submit` takes the smallest form there is. A request says which, where it can name what it takes.
      const canName = pairs.every(
        ([name, value]) => !looksIssued(name, value) || valueIn(answer, { field: name }) === value,
      );
      if (!submit || (Object.keys(submit).length === 0 && canName)) continue;
      if (formWith(forms, Object.keys(submit)) !== form) continue;
      return { open: this.#pathOf(page), submit };
    }
    return undefined;
  }

  #filledIn(
    form: Form,
    pairs: readonly (readonly [name: string, value: string])[],
  ): Record<string, string> | undefined {
    const byItself = new URLSearchParams(formBody(form, {}));
    const submit: Record<string, string> = {};
    for (const [name, value] of pairs) {
      const field = form.fields.find((it) => it.name === name);
      if (!field || name in submit) return undefined;
      const isTaken = field.type === 'hidden' && looksIssued(name, value);
      if (byItself.get(name) === value || isTaken) continue;
      const known = standsFor(name, value, this.#origin.account);
      // A script has put it there.
      if (known === undefined && isSurelyIssued(value)) return undefined;
      submit[name] = known ?? this.#harmless(name, value);
    }
    return submit;
  }

  #requestOf({ answer: { request } }: Exchanged, index: number): RequestStep {
    const body = bodyOf(request);
    if (body.kind === 'other') this.#unknown.add('a body that is neither a form nor JSON');
    const headers = Object.fromEntries(
      ownHeaders(request.headers, body).map(([name, value]) => [name, this.#textOf(name, value, index)]),
    );
    return {
      request: `${request.method} ${this.#addressOf(request.url, index)}`,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(body.kind === 'form' && {
        form: Object.fromEntries(body.pairs.map(([name, value]) => [name, this.#textOf(name, value, index)])),
      }),
      ...(body.kind === 'json' && { json: this.#jsonOf(body.value, '', index) }),
    };
  }

  #jsonOf(value: unknown, name: string, index: number): unknown {
    if (typeof value === 'string') return this.#textOf(name, value, index);
    if (typeof value === 'number') this.#harmless(name, String(value));
    if (Array.isArray(value)) return value.map((item) => this.#jsonOf(item, name, index));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#jsonOf(item, key, index)]),
    );
  }

  /** The text as a step writes it: as it is, or the name of what it has to be taken from. */
  #textOf(name: string, value: string, index: number): string {
    const { account, token, exchanges, since } = this.#origin;
    if (value === token) return '${token}';
    const known = standsFor(name, value, account);
    if (known !== undefined) return known;
    if (!looksIssued(name, value) || this.#isSecret(name, value)) return this.#harmless(name, value);
    const found = sourceOf(value, exchanges, { before: index, since });
    if (found) return this.#saved(found.index, name, found.source);
    const cookie = exchanges[index]?.cookies.find((it) => it.value === value);
    const page = this.#pageBefore(index);
    if (cookie && page !== undefined) return this.#saved(page, name, { cookie: cookie.name });
    if (isSurelyIssued(value)) this.#unknown.add(name);
    return value;
  }

  /** Nothing that has the password in it, or another secret that was typed, is written down. */
  #harmless(name: string, value: string): string {
    if (this.#isSecret(name, value)) this.#unknown.add(value === '' ? 'what has no name' : name);
    return value;
  }

  #isSecret(name: string, value: string): boolean {
    return hasSecret(value === '' ? name : value, this.#origin.secrets);
  }

  #saved(index: number, name: string, source: Source): string {
    this.#needed.add(index);
    const saves = this.#saves.get(index) ?? {};
    this.#saves.set(index, saves);
    const same = Object.entries(saves).find(([, it]) => JSON.stringify(it) === JSON.stringify(source));
    const key = same?.[0] ?? nameFor(name, saves);
    saves[key] = source;
    return `\${${key}}`;
  }

  /** The page that somebody looked at when this was sent. */
  #pageBefore(index: number): number | undefined {
    const found = this.#origin.exchanges.findLastIndex(
      ({ isPage, answer }, at) =>
        at < index &&
        isPage &&
        answer.request.method === 'GET' &&
        answer.status < 300 &&
        mediaType(answer) === 'text/html',
    );
    return found === -1 ? undefined : found;
  }

  /** An address that is of this one time, as of a sign-in elsewhere, is led to by the one before it. */
  #pathOf(index: number): string {
    const { exchanges, target } = this.#origin;
    const url = exchanges[index]?.answer.request.url ?? target;
    const isOfOneTime = [...url.searchParams].some(([name, value]) => looksIssued(name, value));
    const leading = isOfOneTime
      ? exchanges.findLastIndex(({ answer }, at) => at < index && redirectTarget(answer)?.href === url.href)
      : -1;
    const isPage = leading !== -1 && exchanges[leading]?.answer.request.method === 'GET';
    return isPage ? this.#pathOf(leading) : this.#addressOf(url, index);
  }

  #addressOf(given: URL, index: number): string {
    const url = withTexts(given, (name, value) => this.#textOf(name, value, index));
    this.#harmless('the address', url.pathname);
    return pathFrom(this.#origin.target, url);
  }
}

/** `${user}` and `${password}`; somebody may have taken one for the other. */
function standsFor(name: string, value: string, { user, password }: Account): string | undefined {
  if (value === '' || (value !== user && value !== password)) return undefined;
  const isPassword = user === password ? /pass|pwd|secret/i.test(name) : value === password;
  return isPassword ? '${password}' : '${user}';
}

function nameFor(name: string, taken: Readonly<Record<string, Source>>): string {
  const word =
    name
      .replace(/^x-/i, '')
      .replace(/\W+/g, '_')
      .replace(/^_+|_+$/g, '') || 'value';
  let key = ['user', 'password', 'newPassword', 'mark'].includes(word) ? `${word}Sent` : word;
  while (key in taken) key += '2';
  return key;
}

/** Exchanges before the sign-in that belong to it: the name is asked for first, and the password next. */
export function earlierParts(exchanges: readonly Exchanged[], enter: number, user: string): number[] {
  const last = exchanges[enter]?.answer.request;
  return exchanges.flatMap(({ answer: { request } }, index) => {
    const isBefore = index < enter && request.method !== 'GET' && request.method !== 'OPTIONS';
    // Somebody may have mistyped the password.
    const isAttempt = request.method === last?.method && request.url.pathname === last.url.pathname;
    return isBefore && !isAttempt && valuesOf(request).some(([, value]) => value === user) ? [index] : [];
  });
}
