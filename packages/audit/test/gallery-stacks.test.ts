import { describe, test } from 'vitest';
import { stacks } from './gallery/stacks.ts';
import { expectTruth } from './support/gallery.ts';

describe('every planted flaw is found, and nothing on what is sound', () => {
  test.concurrent.each(stacks)('$name', { timeout: 60_000 }, (exhibit) => expectTruth(exhibit));
});
