/** Writes what a request has done to the session it holds, and finds the cookie its answer must carry. */
import type { Update } from '../change.ts';
import type { Pending } from '../data.ts';
import type { Client } from '../record.ts';
import { deriveSuccessor, hashSecret, mintSalt, type Token } from '../token.ts';
import { afterChange, type Core, type Held, holding, NOTHING_DUE, subject } from './core.ts';
import { sessionChanged } from './faults.ts';

export interface CommitOutcome {
  readonly held: Held;
  /** The renewed token that the answer must set. */
  readonly setToken?: Token;
}

/**
 * @param pending the buffered data, as a change carries it
 * @param isLast whether the answer leaves now: only then is the secret renewed or a pending renewal repeated
 * @throws `session_changed` when the record is gone or of another epoch while data was pending; without data nothing
 * is lost, and it is ignored
 */
export async function commitHeld(
  core: Core,
  held: Held,
  pending: Pending,
  seenAt: number,
  client: Client,
  isLast: boolean,
): Promise<CommitOutcome> {
  const at = core.policy.clock.now();
  const { token, record, due } = held;
  const renews = isLast && due.renew;
  const salt = renews ? mintSalt(core.policy.random) : undefined;
  const change: Update = {
    epoch: record.epoch,
    at,
    ...pending,
    ...(due.touch && { touch: seenAt }),
    ...(due.confirm && { confirm: record.secretHash }),
    ...(salt !== undefined && {
      renew: {
        from: record.secretHash,
        secretHash: await hashSecret(await deriveSuccessor(token, salt)),
        salt,
        at,
        client,
      },
    }),
  };
  const applied = await core.store.apply(record.id, change);
  if (applied.status !== 'applied') {
    if (pending.set || pending.remove) throw sessionChanged(applied.status);
    return { held: { ...held, due: NOTHING_DUE, isPending: false } };
  }
  if (applied.renewed) core.raise({ type: 'renewed', at, ...subject(record, client) });
  const after = { ...holding(token, afterChange(record, change, applied.dataVersion)) };
  if (!isLast)
    return { held: { ...after, due: { ...NOTHING_DUE, renew: due.renew }, isPending: held.isPending } };
  if ((!renews && !held.isPending) || applied.renewalSalt === undefined) return { held: after };
  // Sent only if it is the record's secret now: a successor that has been renewed or replaced since would overwrite
  // the good cookie in the browser.
  const successor = await deriveSuccessor(token, applied.renewalSalt);
  const isCurrent = (await hashSecret(successor)) === applied.secretHash;
  return isCurrent ? { held: after, setToken: successor } : { held: after };
}

/** Whether committing has anything to ask of the store. */
export function isCommitDue(held: Held): boolean {
  return held.isPending || held.due.touch || held.due.confirm || held.due.renew;
}
