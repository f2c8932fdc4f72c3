import { audit, type AuditOptions } from '../../src/audit.ts';
import type { Report } from '../../src/engine/report.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite, type Parts } from '../gallery/node/site.ts';

/** An audit of the hand-made site with these parts. */
export async function auditOf(parts: Partial<Parts>, options: Partial<AuditOptions> = {}): Promise<Report> {
  const site = await listen(nodeSite(parts));
  try {
    return await audit({ target: site.url, account: { user: USER, password: PASSWORD }, ...options });
  } finally {
    await site.stop();
  }
}
