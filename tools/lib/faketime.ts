import type { Program } from './program.ts';

/** For the tests of the auditor, which move the clock of what they audit. A library, where Debian keeps it. */
export const libfaketime: Program = {
  title: 'libfaketime',
  names: ['libfaketime.so.1'],
  folders: ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime'],
  variable: 'HOLDFAST_LIBFAKETIME',
  debianPackage: 'libfaketime',
  advice:
    'Install libfaketime (on Debian: apt-get install libfaketime), or set HOLDFAST_LIBFAKETIME to the path of a libfaketime.so.1.',
};
