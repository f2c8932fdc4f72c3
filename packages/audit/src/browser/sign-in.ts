/**
 * Signs in where the page needs script. Chromium runs the page; every request that it makes is sent by the visitor, so that
 * the hosts, the budget, the transcript and the jar are those of the audit, and Chromium itself reaches nothing.
 */
import type { Browser, BrowserContext, Page, Request as PageRequest, Route } from 'playwright-core';
import { AuditError, isAuditError } from '../errors.ts';
import { type Answer, mediaType, redirectTarget } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { USUAL_SIGN_IN_PATHS } from '../site/find-form.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import { launchChromium } from './chromium.ts';

export interface BrowserSignIn {
  /** Every answer that the page has had; the last one is to who is signed in. */
  signIn(visitor: Visitor, account: Account): Promise<Answer[]>;
  /** Opens the page with the form, and leaves it at that. */
  open(visitor: Visitor): Promise<void>;
  /** Where the form stands, once it was found. */
  readonly page: URL | undefined;
  close(): Promise<void>;
}

const PASSWORD = 'input[type=password]:visible';
/** What a person would type a name into; what the page says itself comes first. */
const USERNAME = [
  'input[autocomplete~=username]:visible',
  'input[type=email]:visible',
  // A type that browsers do not know, as in type=username, is a text.
  `input:visible${[
    'password',
    'hidden',
    'checkbox',
    'radio',
    'submit',
    'button',
    'reset',
    'image',
    'file',
    'search',
    'range',
    'color',
  ]
    .map((type) => `:not([type=${type}])`)
    .join('')}`,
];
const QUIET_FOR = 500;
const QUIET_WITHIN = 10_000;
const NOT_NEEDED = new Set(['image', 'media', 'font']);
/** The browser says these of itself, and they are the visitor's. */
const OF_THE_VISITOR =
  /^(?:host|cookie|user-agent|connection|content-length|accept-encoding|origin|referer|sec-.*)$/;

export function createBrowserSignIn(site: Site): BrowserSignIn {
  let browser: Promise<Browser> | undefined;
  let found: URL | undefined;

  async function withForm(visitor: Visitor, use: (page: Page) => Promise<void>): Promise<Traffic> {
    browser ??= launchChromium();
    const context = await (await browser).newContext({
      userAgent: site.userAgent,
      serviceWorkers: 'block',
      ignoreHTTPSErrors: true,
    });
    const traffic = new Traffic(site, visitor);
    try {
      await context.route('**/*', (route) => traffic.answer(route));
      const page = await context.newPage();
      found = await openForm(page, found ? [found] : placesOf(site), traffic);
      await use(page);
      await traffic.quiet(page);
      await takeCookies(context, visitor, site);
      return traffic;
    } catch (error) {
      throw isAuditError(error)
        ? error
        : new AuditError('sign_in_failed', `in Chromium: ${(error as Error).message.split('\n')[0]}`);
    } finally {
      await context.close();
    }
  }

  return {
    async signIn(visitor, account) {
      const traffic = await withForm(visitor, (page) => fill(page, account));
      if (traffic.bearer !== undefined) visitor.bearer = traffic.bearer;
      return traffic.answers();
    },
    async open(visitor) {
      await withForm(visitor, () => Promise.resolve());
    },
    get page() {
      return found;
    },
    async close() {
      await (await browser?.catch(() => undefined))?.close();
    },
  };
}

function placesOf({ target }: Site): URL[] {
  return [target, ...USUAL_SIGN_IN_PATHS.slice(0, 4).map((path) => new URL(path, target))];
}

async function openForm(page: Page, places: readonly URL[], traffic: Traffic): Promise<URL> {
  for (const place of places) {
    await page.goto(place.href, { waitUntil: 'domcontentloaded', timeout: QUIET_WITHIN });
    const password = page.locator(PASSWORD).first();
    const appears = password.waitFor({ timeout: QUIET_WITHIN }).catch(() => undefined);
    await Promise.race([appears, traffic.quiet(page)]);
    const isThere = await password.isVisible();
    if (isThere) return place;
  }
  throw new AuditError(
    'sign_in_failed',
    'no page shows a field for a password, not even with script: write a recipe that says how to sign in',
  );
}

async function fill(page: Page, { user, password }: Account): Promise<void> {
  const secret = page.locator(PASSWORD).first();
  // Another form of the page, for a search, may come first.
  const form = page.locator('form').filter({ has: page.locator(PASSWORD) });
  const scope = (await form.count()) > 0 ? form.first() : page.locator('body');
  for (const selector of USERNAME) {
    const name = scope.locator(selector).first();
    if ((await name.count()) === 0) continue;
    await name.fill(user);
    break;
  }
  await secret.fill(password);
  await secret.press('Enter');
}

/** What script has put into cookies never came in an answer. */
async function takeCookies(context: BrowserContext, visitor: Visitor, { target }: Site): Promise<void> {
  for (const cookie of await context.cookies(target.href)) {
    if (visitor.jar.cookies.some(({ name }) => name === cookie.name)) continue;
    visitor.jar.plant({
      name: cookie.name,
      value: cookie.value,
      domain: cookie.domain.replace(/^\./, ''),
      hostOnly: !cookie.domain.startsWith('.'),
      path: cookie.path,
      secure: cookie.secure,
      httpOnly: cookie.httpOnly,
      ...(cookie.expires > 0 && { expiresAt: cookie.expires * 1_000 }),
    });
  }
}

/** The requests of one page, sent by the visitor one after the other, as the audit sends its own. */
class Traffic {
  bearer: string | undefined;
  readonly #site: Site;
  readonly #visitor: Visitor;
  readonly #answers: Answer[] = [];
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #lastAt = performance.now();
  #fault: AuditError | undefined;

  constructor(site: Site, visitor: Visitor) {
    this.#site = site;
    this.#visitor = visitor;
  }

  answer(route: Route): Promise<void> {
    this.#waiting++;
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#send(route);
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
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
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
    const options = { headers, ...(body !== null && { body }), ...(from && { from }) };
    // Where a redirect leads to, Chromium would ask for by itself, and reach nothing.
    if (!request.isNavigationRequest()) {
      const { answers, last } = await this.#visitor.travel(request.method(), url, options);
      this.#answers.push(...answers);
      await route.fulfill({ status: last.status, headers: headersOf(last), body: last.body });
      return;
    }
    const answer = await this.#visitor.send(request.method(), url, options);
    this.#answers.push(answer);
    const target = redirectTarget(answer);
    await route.fulfill(
      target
        ? { contentType: 'text/html', headers: cookiesOf(answer), body: leadingTo(target) }
        : { status: answer.status, headers: headersOf(answer), body: answer.body },
    );
  }

  /** Ends once the page has asked for nothing for a while. */
  async quiet(page: Page): Promise<void> {
    const until = performance.now() + QUIET_WITHIN;
    this.#lastAt = performance.now();
    while (performance.now() < until) {
      if (this.#fault) throw this.#fault;
      if (this.#waiting === 0 && performance.now() - this.#lastAt >= QUIET_FOR) return;
      await page.waitForTimeout(QUIET_FOR / 5);
    }
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

/** A page in place of a redirect: the address of the page has to be that of where it leads to. */
function leadingTo({ href }: URL): string {
  const safe = href.replaceAll('&', '&amp;').replaceAll("'", '%27').replaceAll('"', '%22');
  return `<!doctype html><meta http-equiv="refresh" content="0;url='${safe}'">`;
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
