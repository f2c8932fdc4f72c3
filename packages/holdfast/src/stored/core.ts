import type { Update } from '../change.ts';
import { applyChange } from '../change.ts';
import type { RaisedEvent } from '../events.ts';
import type { GuardedStore } from '../guard/guarded-store.ts';
import type { Policy } from '../options.ts';
import type { Client, SessionRecord } from '../record.ts';
import type { Token } from '../token.ts';
import type { Due } from '../verdict.ts';

/** What every step of the stored backend works with. */
export interface Core {
  /** Rejects with `StoreUnavailableError` only, and within its deadline. */
  readonly store: GuardedStore;
  readonly policy: Policy;
  readonly raise: (event: RaisedEvent) => void;
}

/** A session the request has proved possession of. */
export interface Held {
  readonly token: Token;
  /** The hash of the presented secret: not always the record's, which others may have renewed meanwhile. */
  readonly secretHash: string;
  readonly record: SessionRecord;
  readonly due: Due;
  /** The presented secret is the previous one, and its successor has not been seen: the answer repeats it. */
  readonly isPending: boolean;
}

export const NOTHING_DUE: Due = { confirm: false, touch: false, renew: false };

/** A session that this request has just created or given a new secret. */
export function holding(token: Token, record: SessionRecord): Held {
  return { token, secretHash: record.secretHash, record, due: NOTHING_DUE, isPending: false };
}

/**
 * The record as this request knows it after a change that was applied. Keys that other requests have written since it
 * was read are missing; comparisons by version notice.
 */
export function afterChange(
  record: SessionRecord,
  change: Update,
  dataVersion: number | undefined,
): SessionRecord {
  const basis = dataVersion === undefined ? record : { ...record, dataVersion: dataVersion - 1 };
  return applyChange(basis, change).record ?? record;
}

/** The part of an event that says whose session it is. */
export function subject(
  record: Pick<SessionRecord, 'id' | 'userId'>,
  client?: Client,
): Pick<RaisedEvent, 'sessionId' | 'userId' | 'client'> {
  return {
    sessionId: record.id,
    ...(record.userId !== undefined && { userId: record.userId }),
    ...(client && { client }),
  };
}
