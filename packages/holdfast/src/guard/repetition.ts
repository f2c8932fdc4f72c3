/**
 * Which calls may be made a second time when the outcome of the first is not known: those that change nothing, and those
 * that change nothing more when they are repeated.
 */
import type { Applied, Change, Ending, Update } from '../change.ts';
import type { SessionStore } from '../store.ts';

/**
 * A second attempt of a change, or `undefined` where it could do harm: a comparison would fail by what the first one did, a
 * value would overwrite what another request has written in between, an incident or a privilege change would happen twice.
 */
export function repeatedApply(
  store: SessionStore,
  id: string,
  change: Change,
): (() => Promise<Applied>) | undefined {
  if (change.end) return () => endAgain(store, id, change);
  return isHarmless(change) ? () => store.apply(id, change) : undefined;
}

/**
 * What says when the user was seen and which secret they hold: it is the same however often it is said. That a repeated
 * renewal was not `renewed` the second time is no loss: the record's secret tells whose it is.
 */
const HARMLESS: ReadonlySet<string> = new Set<keyof Update>([
  'epoch',
  'at',
  'touch',
  'confirm',
  'renew',
  'repeat',
]);

function isHarmless(change: Update): boolean {
  for (const key in change) {
    if (change[key as keyof Update] !== undefined && !HARMLESS.has(key)) return false;
  }
  return true;
}

/**
 * A record that is `gone` at the second attempt was perhaps ended by the first. The tombstone tells: the one that carries this
 * end, to the millisecond and the reason, is the answer that was lost.
 */
async function endAgain(store: SessionStore, id: string, ending: Ending): Promise<Applied> {
  const applied = await store.apply(id, ending);
  if (applied.status !== 'gone') return applied;
  const { at, reason } = ending.end;
  try {
    const record = await store.read(id);
    if (record?.ended?.at !== at || record.ended.reason !== reason) return applied;
    const { secretHash, dataVersion } = record;
    return { status: 'applied', renewed: false, ended: reason, secretHash, dataVersion };
  } catch {
    return applied;
  }
}
