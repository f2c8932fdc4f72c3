import { describe, expect, test } from 'vitest';
import { audit } from '../src/audit.ts';
import { readRecipe } from '../src/recipe/read.ts';
import { PASSWORD, USER } from './gallery/exhibit.ts';
import { gallery } from './gallery/index.ts';

describe('every planted flaw is found, and nothing on what is sound', () => {
  test.concurrent.each(gallery)('$name', { timeout: 30_000 }, async ({
    start,
    found,
    recipe = '',
    allow = [],
    isInsecure = false,
  }) => {
    const site = await start();
    try {
      const report = await audit({
        target: site.url,
        account: { user: USER, password: PASSWORD },
        recipe: readRecipe(recipe),
        allow,
        acceptsAnyCertificate: isInsecure,
      });
      expect(report.stopped).toBeUndefined();
      const named = (outcome: string): string[] =>
        report.checks.filter((it) => it.outcome === outcome).map(({ id }) => id);
      expect(named('found').toSorted()).toEqual(found.toSorted());
      const failed = report.checks.filter(
        ({ because }) => because === 'control_failed' || because === 'fault',
      );
      expect(failed.map(({ id, summary }) => `${id}: ${summary}`)).toEqual([]);
    } finally {
      await site.stop();
    }
  });
});
