import type { Change, Update } from '../../change.ts';

export type Touch = Update & { readonly touch: number };

/** Whether a change is a touch and nothing else. */
export function isTouch(change: Change): change is Touch {
  if (change.end || change.touch === undefined) return false;
  const { set, remove, expect, system, confirm, renew, repeat, incident, privilege } = change;
  const more = set?.size || remove?.length || expect?.size || system?.size;
  return !more && confirm === undefined && repeat === undefined && !renew && !incident && !privilege;
}
