/** Writes the lab's pictures of the documentation: `node apps/demo/scripts/lab-screenshots.ts`, after `npm run build`. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launchChromium } from '../test/support/chromium.ts';
import { shootLab } from './lab-shoot.ts';

/** One of each kind is enough for the guide. */
const PICTURES = [
  'lab-stolen-cookie-light-desktop.png',
  'lab-slow-request-dark-desktop.png',
  'lab-old-cookie-light-desktop.png',
];

const folder = resolve(import.meta.dirname, '../../../docs/images');
mkdirSync(folder, { recursive: true });
const all = mkdtempSync(join(tmpdir(), 'holdfast-lab-'));
const browser = await launchChromium();
await shootLab(browser, all, ['stolen-cookie', 'slow-request', 'old-cookie']);
await browser.close();
for (const picture of PICTURES) {
  copyFileSync(join(all, picture), join(folder, picture));
  console.log(join(folder, picture));
}
rmSync(all, { recursive: true });
