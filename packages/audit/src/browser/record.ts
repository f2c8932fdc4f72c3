/** Opens Chromium for a person, who signs in and out in it, and keeps what was sent until they close the window. */
import type { Page } from 'playwright-core';
import { AuditError } from '../errors.ts';
import type { Moment } from '../recording/moments.ts';
import { launchChromium } from './chromium.ts';
import { watch } from './watch.ts';

export interface RecordOptions {
  readonly target: URL;
  /** Go on where the certificate is not trusted. */
  readonly acceptsAnyCertificate: boolean;
  readonly signal?: AbortSignal;
  /** The window is there. */
  readonly onOpen?: () => void;
  /** Plays the person, in a window that nobody sees. Default: there is a person. */
  readonly person?: (page: Page) => Promise<void>;
}

/** @returns what was seen until the window was closed, or `signal` came; @throws AuditError `usage` where no window can be opened, `unreachable` where the site does not answer */
export async function record(options: RecordOptions): Promise<Moment[]> {
  const { target, person, signal } = options;
  if (!person) needsDisplay();
  const browser = await launchChromium({ window: person ? 'hidden' : 'shown' });
  const close = (): void => void browser.close();
  signal?.addEventListener('abort', close, { once: true });
  const moments: Moment[] = [];
  try {
    if (signal?.aborted) return moments;
    const context = await browser.newContext({
      // The page is as large as the window.
      viewport: null,
      // What a service worker answers would not be seen.
      serviceWorkers: 'block',
      ignoreHTTPSErrors: options.acceptsAnyCertificate,
    });
    options.onOpen?.();
    const heard = await watch(context, (moment) => moments.push(moment));
    const page = await context.newPage();
    await heard(page);
    const left = new Promise<void>((done) => {
      const onClose = (): void => {
        if (context.pages().length === 0) done();
      };
      browser.on('disconnected', () => done());
      context.on('page', (other) => other.on('close', onClose));
      page.on('close', onClose);
    });
    try {
      await page.goto(target.href, { waitUntil: 'domcontentloaded' });
    } catch (error) {
      throw new AuditError('unreachable', `Chromium can not open ${target.href}: ${firstLine(error)}`);
    }
    await person?.(page);
    if (person) await page.close();
    await left;
    return moments;
  } catch (error) {
    // Stopped: the window went in the middle of something.
    if (signal?.aborted) return moments;
    throw error;
  } finally {
    signal?.removeEventListener('abort', close);
    await browser.close();
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function needsDisplay(): void {
  const { platform, env } = process;
  if (platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return;
  throw new AuditError(
    'usage',
    '--record opens a window, and there is no display here: run it on a machine that has one and bring the file over, or connect with ssh -X. A recipe can also be written by hand',
  );
}
