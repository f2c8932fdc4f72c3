import type { Program } from './program.ts';

/** For the tests of the auditor, which move the clock of what they audit. A library, where Debian keeps it: the build for several threads. */
export const libfaketime: Program = {
  title: 'libfaketime',
  names: ['libfaketimeMT.so.1'],
  folders: ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime'],
  variable: 'HOLDFAST_LIBFAKETIME',
  debianPackage: 'libfaketime',
  advice:
    'Install libfaketime (on Debian: apt-get install libfaketime), or set HOLDFAST_LIBFAKETIME to the path of a libfaketimeMT.so.1.',
};
