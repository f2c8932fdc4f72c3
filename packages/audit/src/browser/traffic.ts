/** What a page in Chromium asks for, sent by a visitor of the audit. */
import type { Page, Request as PageRequest, Route } from 'playwright-core';
import { type AuditError, isAuditError } from '../errors.ts';
import { type Answer, mediaType, redirectTarget } from '../http/message.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';

const QUIET_FOR = 500;
/** For how long a page is waited for at most. */
export const QUIET_WITHIN = 10_000;
/** Half a script does nothing, and those of editors and the like are long. */
const LONGEST_SCRIPT = 16 * 1024 * 1024;
const NOT_NEEDED = new Set(['media', 'font']);
/** One clear pixel in place of every picture: some pages wait until theirs is there. */
const PICTURE = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
/** The browser says these of itself, and they are the visitor's. */
const OF_THE_VISITOR =
  /^(?:host|cookie|user-agent|connection|content-length|accept-encoding|origin|referer|sec-.*)$/;

/** The requests of one page, sent by the visitor one after the other, as the audit sends its own. */
export class Traffic {
  bearer: string | undefined;
  readonly #site: Site;
  readonly #visitor: Visitor;
  readonly #answers: Answer[] = [];
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** A page that leads to another one was given, and the other one not asked for yet. */
  #isLed = false;
  /** How many redirects in a row have led to an address that is about to be asked for. */
  readonly #redirects = new Map<string, number>();
  #lastAt = performance.now();
  #fault: AuditError | undefined;
  #isOver = false;

  constructor(site: Site, visitor: Visitor) {
    this.#site = site;
    this.#visitor = visitor;
  }

  answer(route: Route): Promise<void> {
    this.#waiting++;
    this.#queue = this.#queue.then(async () => {
      try {
        if (this.#isOver) await route.abort();
        else await this.#send(route);
      } catch (error) {
        if (isAuditError(error)) this.#fault ??= error;
        // Where the page is closed already, nobody waits for an answer.
        await route.abort().catch(() => undefined);
      } finally {
        this.#waiting--;
        this.#lastAt = performance.now();
      }
    });
    return this.#queue;
  }

  async #send(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    if (request.isNavigationRequest()) this.#isLed = false;
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    if (isWeb && request.resourceType() === 'image') {
      await route.fulfill({ contentType: 'image/gif', body: PICTURE });
      return;
    }
    if (!isWeb || !this.#site.client.mayReach(url) || NOT_NEEDED.has(request.resourceType())) {
      await route.abort();
      return;
    }
    const headers = Object.entries(request.headers()).filter(([name]) => !OF_THE_VISITOR.test(name));
    const [, token] = /^Bearer (.+)$/i.exec(request.headers()['authorization'] ?? '') ?? [];
    if (token !== undefined) {
      this.bearer = token;
      this.#site.mask.hide(token, 'bearer token');
    }
    const from = refererOf(request);
    const body = request.postData();
    const options = {
      headers,
      ...(body !== null && { body }),
      ...(from && { from }),
      ...(request.resourceType() === 'script' && { bodyBytes: LONGEST_SCRIPT }),
    };
    // Where a redirect leads to, Chromium would ask for by itself, and reach nothing.
    if (!request.isNavigationRequest()) {
      const { answers, last } = await this.#visitor.travel(request.method(), url, options);
      for (const answer of answers) this.#keep(answer);
      await route.fulfill({ status: last.status, headers: headersOf(last), body: last.body });
      return;
    }
    const redirects = this.#redirects.get(addressOf(url)) ?? 0;
    this.#redirects.delete(addressOf(url));
    const answer = await this.#visitor.send(request.method(), url, options);
    this.#keep(answer);
    const target = redirectTarget(answer);
    if (!target) {
      await route.fulfill({ status: answer.status, headers: headersOf(answer), body: answer.body });
      return;
    }
    // One too many leads nowhere: the page stays empty.
    this.#isLed = redirects < this.#site.client.limits.redirects;
    if (this.#isLed) this.#lead(target, redirects + 1);
    await route.fulfill({
      contentType: 'text/html',
      headers: cookiesOf(answer),
      body: this.#isLed ? leadingTo(target) : '',
    });
  }

  /** Another frame may be on its way to the same address. */
  #lead(target: URL, redirects: number): void {
    const before = this.#redirects.get(addressOf(target)) ?? 0;
    this.#redirects.set(addressOf(target), Math.max(before, redirects));
  }

  #keep(answer: Answer): void {
    this.#answers.push(cut(answer, this.#site.client.limits.bodyBytes));
  }

  /** Ends once the page has asked for nothing for a while. */
  async quiet(page: Page): Promise<void> {
    const until = performance.now() + QUIET_WITHIN;
    this.#lastAt = performance.now();
    while (performance.now() < until) {
      if (this.#fault) throw this.#fault;
      if (this.#waiting === 0 && !this.#isLed && performance.now() - this.#lastAt >= QUIET_FOR) return;
      await page.waitForTimeout(QUIET_FOR / 5);
    }
  }

  /** The page is closed: what still waits is not sent any more. */
  end(): void {
    this.#isOver = true;
  }

  /** How many answers there are by now. */
  get count(): number {
    return this.#answers.length;
  }

  /** Those that came after so many. */
  since(count: number): Answer[] {
    return this.#answers.slice(count);
  }

  /** What the page has asked for once it was signed in tells more than a script or a picture that came later. */
  answers(): Answer[] {
    const isData = (it: Answer): boolean =>
      it.status === 200 &&
      it.request.method === 'GET' &&
      (mediaType(it) === 'text/html' || /[/+]json$/.test(mediaType(it)));
    const last = this.#answers.findLast(isData);
    return last ? [...this.#answers.filter((it) => it !== last), last] : [...this.#answers];
  }
}

/** The page gets all of a script, and the audit keeps as much of it as of any other answer. */
function cut(answer: Answer, bytes: number): Answer {
  if (Buffer.byteLength(answer.body) <= bytes) return answer;
  // By way of bytes: a slice of a text keeps the whole of it in memory.
  return { ...answer, body: Buffer.from(answer.body).subarray(0, bytes).toString('utf8'), isCut: true };
}

/** A page in place of a redirect: the address of the page has to be that of where it leads to. */
function leadingTo({ href }: URL): string {
  const safe = quotable(href).replaceAll('&', '&amp;');
  return `<!doctype html><meta http-equiv="refresh" content="0;url='${safe}'">`;
}

function quotable(href: string): string {
  return href.replaceAll("'", '%27').replaceAll('"', '%22');
}

/** As it comes back from a page that led there. */
function addressOf(url: URL): string {
  const [address = ''] = quotable(url.href).split('#');
  return address;
}

function cookiesOf(answer: Answer): Record<string, string> {
  const { 'set-cookie': cookies } = headersOf(answer);
  return cookies === undefined ? {} : { 'set-cookie': cookies };
}

function refererOf(request: PageRequest): URL | undefined {
  const referer = request.headers()['referer'];
  return referer === undefined || !URL.canParse(referer) ? undefined : new URL(referer);
}

function headersOf(answer: Answer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of answer.headers) {
    const key = name.toLowerCase();
    if (['content-length', 'content-encoding', 'transfer-encoding', 'connection'].includes(key)) continue;
    headers[key] =
      headers[key] === undefined ? value : `${headers[key]}${key === 'set-cookie' ? '\n' : ', '}${value}`;
  }
  return headers;
}
