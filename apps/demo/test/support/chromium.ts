import { type Browser, chromium } from 'playwright-core';

/** The browser that the machine has; nothing of it calls home. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
