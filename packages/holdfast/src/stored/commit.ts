/** Writes what a request has done to the session it holds, and finds the cookie its answer must carry. */
import type { Applied, Update } from '../change.ts';
import type { Pending } from '../data.ts';
import type { Client } from '../record.ts';
import { deriveSuccessor, hashSecret, mintSalt, type Token } from '../token.ts';
import { afterChange, type Core, type Held, NOTHING_DUE, subject } from './core.ts';
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
  const { token, secretHash, record, due } = held;
  const successor = isLast && due.renew ? await makeSuccessor(core, token) : undefined;
  const change: Update = {
    epoch: record.epoch,
    at,
    ...pending,
    ...(due.touch && { touch: seenAt }),
    ...(due.confirm && { confirm: secretHash }),
    ...(isLast && held.isPending && { repeat: secretHash }),
    ...(successor && {
      renew: { from: secretHash, secretHash: successor.secretHash, salt: successor.salt, at, client },
    }),
  };
  const applied = await core.store.apply(record.id, change);
  if (applied.status !== 'applied') {
    if (pending.set || pending.remove) throw sessionChanged(applied.status);
    return { held: { ...held, due: NOTHING_DUE, isPending: false } };
  }
  const committed: Held = {
    ...held,
    record: afterChange(record, change, applied.dataVersion),
    due: NOTHING_DUE,
  };
  if (!isLast) return { held: { ...committed, due: { ...NOTHING_DUE, renew: due.renew } } };
  // Ours by its secret, since nobody else can mint it: whoever had to ask twice is told that the second time did not renew.
  if (successor && applied.secretHash === successor.secretHash) {
    core.raise({ type: 'renewed', at, ...subject(record, client) });
    return { held: committed, setToken: successor.token };
  }
  const winner = successor || held.isPending ? await winnersToken(token, applied) : undefined;
  return { held: committed, ...(winner && { setToken: winner }) };
}

async function makeSuccessor(core: Core, token: Token) {
  const salt = mintSalt(core.policy.random);
  const successor = await deriveSuccessor(token, salt);
  return { salt, token: successor, secretHash: await hashSecret(successor) };
}

/**
 * The cookie of whoever renewed this secret, derived from the salt they left. Only if it is the record's secret now:
 * one that has been renewed or replaced since would overwrite the good cookie in the browser.
 */
async function winnersToken(token: Token, applied: Applied): Promise<Token | undefined> {
  if (applied.renewalSalt === undefined) return undefined;
  const successor = await deriveSuccessor(token, applied.renewalSalt);
  return (await hashSecret(successor)) === applied.secretHash ? successor : undefined;
}

/** Whether committing has anything to ask of the store. */
export function isCommitDue(held: Held): boolean {
  return held.isPending || held.due.touch || held.due.confirm || held.due.renew;
}
