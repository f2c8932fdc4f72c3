import type { Program } from './program.ts';

/** For the tests of pages, which take a real browser. */
export const chromium: Program = {
  title: 'Chromium',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  variable: 'HOLDFAST_CHROMIUM',
  debianPackage: 'chromium',
  advice:
    'Install Chromium (on Debian: apt-get install chromium), or set HOLDFAST_CHROMIUM to the path of a Chromium or Chrome.',
};
