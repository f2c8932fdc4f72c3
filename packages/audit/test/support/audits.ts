/** An audit of a site that lives as long as it, with the account of the gallery. */
import type { RequestListener } from 'node:http';
import { audit, type AuditOptions } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { Report } from '../../src/engine/report.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';

/** By these checks, by their ids, and no others. */
export async function reportOf(
  listener: RequestListener,
  only: readonly string[],
  options: Partial<AuditOptions> = {},
): Promise<Report> {
  const site = await listen(listener);
  try {
    return await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => only.includes(id)),
      ...options,
    });
  } finally {
    await site.stop();
  }
}

/** The outcome of each check, and where there is none, why. */
export function said({ checks: results }: Report): Record<string, string> {
  return Object.fromEntries(
    results.map(({ id, outcome, summary }) => [id, outcome === 'inconclusive' ? summary : outcome]),
  );
}
