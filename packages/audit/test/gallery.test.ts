import { describe, test } from 'vitest';
import { gallery } from './gallery/index.ts';
import { expectTruth } from './support/gallery.ts';

describe('every planted flaw is found, and nothing on what is sound', () => {
  // Where several threads of a site read it, libfaketime lets a clock go back for a moment.
  test.concurrent.each(gallery)('$name', { timeout: 60_000, retry: 1 }, (exhibit) => expectTruth(exhibit));
});
