/** Chromium, driven by playwright-core: an optional package, loaded where a page needs script and not before. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserType } from 'playwright-core';
import { AuditError } from '../errors.ts';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Every request is answered by the audit's own client; what is none, as a WebSocket, reaches nobody. */
const REACHES_NOTHING = [
  '--proxy-server=http://127.0.0.1:1',
  '--proxy-bypass-list=<-loopback>',
  // WebRTC goes past a proxy by UDP. Which of the two names is known depends on the Chromium.
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
];

export interface Launch {
  /** Default: nobody sees it, and it reaches nothing by itself. A window is a person's, and reaches what they open. */
  readonly window?: 'shown' | 'hidden';
}

/** @throws AuditError `usage`, which says what to install */
export async function launchChromium({ window }: Launch = {}): Promise<Browser> {
  const named = process.env['HOLDFAST_CHROMIUM'];
  const executablePath = named === undefined || named === '' ? PLACES.find((it) => existsSync(it)) : named;
  if (executablePath === undefined)
    throw new AuditError(
      'usage',
      'Chromium was not found: install it (on Debian: apt-get install chromium), or set HOLDFAST_CHROMIUM to its path',
    );
  const { chromium } = await playwright();
  const browser = chromium.launch({
    executablePath,
    headless: window !== 'shown',
    // A signal ends the audit, which writes its report and then ends the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--disable-background-networking',
      ...(window === undefined ? REACHES_NOTHING : []),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  try {
    return await browser;
  } catch (error) {
    throw new AuditError('usage', `Chromium did not start: ${(error as Error).message.split('\n')[0]}`);
  }
}

async function playwright(): Promise<{ readonly chromium: BrowserType }> {
  try {
    return await import('playwright-core');
  } catch {
    throw new AuditError('usage', 'playwright-core is missing: npm install playwright-core');
  }
}
