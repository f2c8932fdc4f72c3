/** A window as `--record` opens it, without a screen: somebody else can sit down in front of it. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { freePort } from '../../../holdfast/test/support/ports.ts';

export interface Window {
  /** For the command that opens it. */
  readonly env: NodeJS.ProcessEnv;
  /** Does what a person does in it, once it is open. */
  sit(person: (page: Page) => Promise<void>): Promise<void>;
}

export async function hiddenWindow(folder: string): Promise<Window> {
  const port = await freePort();
  const file = join(folder, `chromium-${port}`);
  const executable = process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium';
  await writeFile(
    file,
    `#!/bin/sh\nexec '${executable}' "$@" --headless=new --remote-debugging-port=${port}\n`,
  );
  await chmod(file, 0o755);
  return {
    env: { HOLDFAST_CHROMIUM: file, DISPLAY: ':none' },
    async sit(person) {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      try {
        const page = browser.contexts().flatMap((context) => context.pages())[0];
        if (!page) throw new Error('there is a window');
        await page.waitForURL(/^http/);
        await person(page);
        await page.close();
      } finally {
        await browser.close();
      }
    },
  };
}
