import { expect } from 'vitest';
import { audit } from '../../src/audit.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { type Exhibit, PASSWORD, SECOND, USER } from '../gallery/exhibit.ts';

/** Audits it: what is planted is found, nothing else is, and no control failed. */
export async function expectTruth({
  start,
  found,
  recipe = '',
  allow = [],
  isInsecure = false,
  isAnonymous = false,
  hasSecondAccount = false,
  madeWith,
}: Exhibit): Promise<void> {
  const site = await start();
  try {
    const report = await audit({
      target: site.url,
      ...(!isAnonymous && { account: { user: USER, password: PASSWORD } }),
      ...(hasSecondAccount && { secondAccount: SECOND }),
      recipe: readRecipe(recipe),
      allow,
      acceptsAnyCertificate: isInsecure,
      ...(site.time && { time: site.time }),
    });
    expect(report.stopped).toBeUndefined();
    expect(report.recognised?.id).toBe(madeWith);
    const named = (outcome: string): string[] =>
      report.checks.filter((it) => it.outcome === outcome).map(({ id }) => id);
    expect(named('found').toSorted()).toEqual(found.toSorted());
    const failed = report.checks.filter(({ because }) => because === 'control_failed' || because === 'fault');
    expect(failed.map(({ id, summary }) => `${id}: ${summary}`)).toEqual([]);
  } finally {
    await site.stop();
  }
}
