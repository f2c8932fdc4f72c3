/** Writes the lab's pictures of the documentation: `node apps/demo/scripts/lab-screenshots.ts`, after `npm run build`. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { launchChromium } from '../test/support/chromium.ts';
import { shootLab } from './lab-shoot.ts';

const [target = resolve(import.meta.dirname, '../../../docs/images'), ...wanted] = process.argv.slice(2);
mkdirSync(target, { recursive: true });
const browser = await launchChromium();
const pictures = wanted.length > 0 ? wanted : ['stolen-cookie', 'slow-request', 'old-cookie'];
for (const file of await shootLab(browser, target, pictures)) console.log(file);
await browser.close();
