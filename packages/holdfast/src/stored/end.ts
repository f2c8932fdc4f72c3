import type { EndCondition } from '../change.ts';
import type { EndReason, SessionRecord } from '../record.ts';
import { type Core, subject } from './core.ts';

/** Ends one session. False when it had ended already, or when the condition no longer holds. */
export async function endRecord(
  core: Core,
  record: Pick<SessionRecord, 'id' | 'userId'>,
  reason: EndReason,
  condition?: EndCondition,
): Promise<boolean> {
  const { clock, tombstoneFor } = core.policy;
  const at = clock.now();
  const ending = { end: { reason, at, tombstoneFor }, ...(condition && { while: condition }) };
  const { status } = await core.store.apply(record.id, ending);
  if (status !== 'applied') return false;
  core.raise({ type: 'ended', at, ...subject(record), reason });
  return true;
}
