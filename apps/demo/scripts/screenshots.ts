/**
 * Writes the pictures of the documentation: `node apps/demo/scripts/screenshots.ts`, after `npm run build`. With a folder
 * behind it, writes every page of the application and of the lab there instead, to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

// Before anything formats a time: the pictures are the same wherever they are made.
process.env['TZ'] = 'UTC';
const { launchChromium } = await import('../test/support/chromium.ts');
const { shootDemo } = await import('./shoot.ts');
const { shootLab } = await import('./lab-shoot.ts');

const IN_DOCS = ['home', 'sign-in', 'sessions', 'account', 'step-up', 'countdown', 'switches'];
/** One of each kind is enough for the guide. */
const LAB_IN_DOCS = [
  'lab-stolen-cookie-light-desktop',
  'lab-slow-request-dark-desktop',
  'lab-old-cookie-light-desktop',
];

const [elsewhere] = process.argv.slice(2);
const folder = resolve(elsewhere ?? resolve(import.meta.dirname, '../../../docs/images'));
mkdirSync(folder, { recursive: true });
const browser = await launchChromium();
const files = [
  ...(await shootDemo(browser, folder, elsewhere === undefined ? IN_DOCS : undefined)),
  ...(await shootLab(browser, folder, elsewhere === undefined ? LAB_IN_DOCS : undefined)),
];
for (const file of files) console.log(file);
await browser.close();
