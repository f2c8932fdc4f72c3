import { describe, test } from 'vitest';
import { gallery } from './gallery/index.ts';
import { expectTruth } from './support/gallery.ts';

describe('every planted flaw is found, and nothing on what is sound', () => {
  test.concurrent.each(gallery)('$name', { timeout: 60_000 }, (exhibit) => expectTruth(exhibit));
});
