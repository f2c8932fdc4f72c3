/** Writes the pictures of the documentation: `node apps/demo/scripts/screenshots.ts`, after `npm run build`. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

// Before anything formats a time: the pictures are the same wherever they are made.
process.env['TZ'] = 'UTC';
const { launchChromium } = await import('../test/support/chromium.ts');
const { shootDemo } = await import('./shoot.ts');

const folder = resolve(import.meta.dirname, '../../../docs/images');
mkdirSync(folder, { recursive: true });
const browser = await launchChromium();
const files = await shootDemo(browser, folder, [
  'home',
  'sign-in',
  'sessions',
  'account',
  'step-up',
  'countdown',
]);
for (const file of files) console.log(file);
await browser.close();
