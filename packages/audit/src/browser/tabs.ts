/**
 * Pages in Chromium, each opened by a visitor of the audit. Every request of a page is sent by the visitor, so that the hosts,
 * the budget, the transcript and the jar are those of the audit, and Chromium itself reaches nothing.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { AuditError, isAuditError } from '../errors.ts';
import { timeIsUp } from '../http/client.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import { launchChromium } from './chromium.ts';
import { Traffic } from './traffic.ts';

/** For how long one page is worked with at most, in seconds. */
const WORK_WITHIN = 120;

export interface Tab {
  readonly page: Page;
  readonly traffic: Traffic;
}

export interface Tabs {
  /** A page for as long as the work takes, with what scripts have kept for the visitor; what they keep by then is kept. */
  open<T>(visitor: Visitor, work: (tab: Tab) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What scripts keep outside of cookies, as JSON. */
export interface Storage {
  readonly origin: string;
  readonly local: string;
  readonly session: string;
}

export function createTabs(site: Site): Tabs {
  let browser: Promise<Browser> | undefined;
  const storages = new WeakMap<Visitor, Storage>();

  return {
    async open(visitor, work) {
      browser ??= launchChromium();
      const context = await (await browser).newContext({
        userAgent: site.userAgent,
        serviceWorkers: 'block',
        ignoreHTTPSErrors: true,
      });
      const traffic = new Traffic(site, visitor);
      try {
        return await inTime(site, async () => {
          const given = await giveCookies(context, visitor);
          await context.route('**/*', (route) => traffic.answer(route));
          const page = await context.newPage();
          // Who asks whether one is sure is told so.
          page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
          const kept = storages.get(visitor);
          if (kept) await restore(page, kept);
          const result = await work({ page, traffic });
          await takeCookies(context, visitor, site, given);
          const storage = await storageOf(page);
          if (storage) storages.set(visitor, storage);
          if (traffic.bearer !== undefined) visitor.bearer = traffic.bearer;
          return result;
        });
      } catch (error) {
        throw isAuditError(error)
          ? error
          : new AuditError('sign_in_failed', `in Chromium: ${(error as Error).message.split('\n')[0]}`);
      } finally {
        traffic.end();
        await context.close();
      }
    },
    async close() {
      await (await browser?.catch(() => undefined))?.close();
    },
  };
}

/**
 * A script without end keeps Chromium from ever saying anything of its page, and most of what is asked of a page waits for
 * that without a limit of its own. What the work does once this has thrown fails, because its page is closed.
 *
 * @throws AuditError when the audit has to end, or the work takes too long
 */
async function inTime<T>(
  { client, clock }: Pick<Site, 'client' | 'clock'>,
  work: () => Promise<T>,
): Promise<T> {
  const { limits, used, signal } = client;
  const left = limits.seconds - used.seconds;
  const done = new AbortController();
  const late = clock
    .sleep(Math.min(left, WORK_WITHIN) * 1_000, AbortSignal.any([signal, done.signal]))
    .then(() => {
      throw left < WORK_WITHIN
        ? timeIsUp(limits)
        : new AuditError('timeout', `a page was not done in Chromium within ${WORK_WITHIN} s`);
    });
  try {
    return await Promise.race([work(), late]);
  } finally {
    done.abort();
  }
}

/** Those that a script may read: the visitor sends all by itself. @returns the names of those that are there */
async function giveCookies(context: BrowserContext, { jar }: Visitor): Promise<Set<string>> {
  for (const { name, value, domain, hostOnly, path, secure, httpOnly } of jar.cookies) {
    if (httpOnly) continue;
    const cookie = { name, value, path, secure, domain: hostOnly ? domain : `.${domain}` };
    // Some names no browser takes.
    await context.addCookies([cookie]).catch(() => undefined);
  }
  return namesIn(context);
}

async function namesIn(context: BrowserContext): Promise<Set<string>> {
  return new Set((await context.cookies()).map(({ name }) => name));
}

/** What a script has put into cookies, or has deleted of those it was given, never came in an answer. */
async function takeCookies(
  context: BrowserContext,
  { jar }: Visitor,
  { target }: Site,
  given: ReadonlySet<string>,
): Promise<void> {
  const cookies = await context.cookies(target.href);
  for (const cookie of cookies) {
    if (jar.cookies.some(({ name }) => name === cookie.name)) continue;
    jar.plant({
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
  const left = await namesIn(context);
  for (const cookie of jar.cookies) {
    if (given.has(cookie.name) && !left.has(cookie.name)) jar.plant({ ...cookie, expiresAt: 0 });
  }
}

/** Puts it back before the page is there, on a blank one of its origin that the site never sees. */
async function restore(page: Page, { origin, local, session }: Storage): Promise<void> {
  const blank = `${origin}/`;
  await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(blank);
  await page.evaluate(
    `Object.assign(localStorage, ${local}); Object.assign(sessionStorage, ${session}); undefined`,
  );
  await page.unroute(blank);
}

/** `undefined` for a page that may keep nothing. */
export async function storageOf(page: Page): Promise<Storage | undefined> {
  try {
    return await page.evaluate(
      '({ origin: location.origin, local: JSON.stringify(localStorage), session: JSON.stringify(sessionStorage) })',
    );
  } catch {
    return undefined;
  }
}
