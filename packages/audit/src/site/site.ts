/** The site under audit, and the means to act on it. */
import { createSiteBrowser, type SiteBrowser } from '../browser/browser.ts';
import type { Clock } from '../clock.ts';
import type { Client } from '../http/client.ts';
import type { Transcript } from '../http/transcript.ts';
import type { Answer } from '../http/message.ts';
import type { Mask } from '../mask.ts';
import { createJar, type Jar } from '../cookies/jar.ts';
import type { Holding } from './holding.ts';
import { browserRequest, type RequestOptions, Visitor } from './visitor.ts';

export interface Site {
  readonly target: URL;
  readonly client: Client;
  readonly clock: Clock;
  readonly mask: Mask;
  readonly transcript: Transcript;
  readonly userAgent: string;
  /** For pages that need script. */
  readonly browser: SiteBrowser;
  /** A browser that was never here. */
  visitor(purpose: string, jar?: Jar): Visitor;
  /** One request with exactly these holdings. What the answer sets is not kept. */
  replay(holdings: readonly Holding[], url: URL, purpose: string, options?: ReplayOptions): Promise<Answer>;
}

export interface ReplayOptions extends RequestOptions {
  readonly method?: string;
}

export interface SiteOptions extends Omit<Site, 'browser' | 'visitor' | 'replay'> {}

export function createSite(options: SiteOptions): Site {
  let visitors = 0;
  let browser: SiteBrowser | undefined;
  const site: Site = {
    ...options,
    get browser() {
      browser ??= createSiteBrowser(site);
      return browser;
    },
    visitor(purpose, jar = createJar()) {
      visitors++;
      return new Visitor(site, `visitor ${visitors}, ${purpose}`, jar);
    },
    replay(holdings, url, purpose, { method = 'GET', ...rest } = {}) {
      const sender = { holdings, now: options.clock.now(), userAgent: options.userAgent };
      return options.client.send(browserRequest(method, url, sender, rest), purpose);
    },
  };
  return site;
}
