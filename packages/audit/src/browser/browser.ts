/** The browser of a site under audit: for pages that need script. It starts with the first page that is opened in it. */
import type { Site } from '../site/site.ts';
import { type BrowserSignIn, createBrowserSignIn } from './sign-in.ts';
import { type BrowserSignOut, createBrowserSignOut } from './sign-out.ts';
import { type BrowserSteps, createBrowserSteps } from './steps.ts';
import { createTabs } from './tabs.ts';

export interface SiteBrowser {
  readonly signIn: BrowserSignIn;
  readonly signOut: BrowserSignOut;
  readonly steps: BrowserSteps;
  close(): Promise<void>;
}

export function createSiteBrowser(site: Site): SiteBrowser {
  const tabs = createTabs(site);
  return {
    signIn: createBrowserSignIn(site, tabs),
    signOut: createBrowserSignOut(tabs),
    steps: createBrowserSteps(tabs),
    close: () => tabs.close(),
  };
}
