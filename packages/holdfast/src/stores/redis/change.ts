/** A change as the script of a change reads it: JSON with names of one letter, which `scripts.ts` spells out. */
import type { Applied, Change, PrivilegeChange, Update } from '../../change.ts';
import type { EndReason } from '../../record.ts';
import { NO_SALT, packAuthentications, packClient, packList, plain, plainOrNull } from './record.ts';

export type Touch = Update & { readonly touch: number };

/** Whether a change is a touch and nothing else. */
export function isTouch(change: Change): change is Touch {
  if (change.end || change.touch === undefined) return false;
  const { set, remove, expect, system, confirm, renew, repeat, incident, privilege } = change;
  const more = set?.size || remove?.length || expect?.size || system?.size;
  return !more && confirm === undefined && repeat === undefined && !renew && !incident && !privilege;
}

export function packChange(change: Change): string {
  return JSON.stringify(change.end ? packEnding(change) : packUpdate(change));
}

function packEnding({ end, while: condition }: Extract<Change, { end: object }>): object {
  return {
    e: [end.reason, end.at, end.tombstoneFor],
    ...(condition && {
      w: {
        i: condition.index === undefined ? undefined : plain(condition.index),
        l: condition.lastSeenAt,
        p: condition.epoch,
      },
    }),
  };
}

/** What is `undefined` JSON leaves out. */
function packUpdate(change: Update): object {
  const { set, remove, expect, system, renew, incident, privilege } = change;
  return {
    p: change.epoch,
    a: change.at,
    s:
      set && set.size > 0
        ? byName(set, ({ value, schemaVersion }) => [plain(value), schemaVersion])
        : undefined,
    r: remove && remove.length > 0 ? packNames(remove) : undefined,
    x: expect && byName(expect, (version) => version),
    y: system && byName(system, ({ from, to }) => [plainOrNull(from), plainOrNull(to)]),
    t: change.touch,
    c: change.confirm,
    q: change.repeat,
    n: renew && [renew.from, renew.secretHash, renew.salt, renew.at, packClient(renew.client)],
    i: incident && [incident.apart, incident.limit, incident.tombstoneFor],
    v: privilege && packPrivilege(privilege),
  };
}

function packPrivilege(privilege: PrivilegeChange): object {
  const { authentications, userId, indexes, persistent, keep } = privilege;
  return {
    l: privilege.lineageHash,
    s: privilege.secretHash,
    c: privilege.csrfSeed,
    a: privilege.at,
    k: packClient(privilege.client),
    u: authentications && packAuthentications(authentications),
    d: userId === undefined ? undefined : plain(userId),
    x: indexes && packList(indexes),
    p: persistent === undefined ? undefined : persistent ? 1 : 0,
    i: privilege.idleTimeout,
    z: privilege.absoluteExpiresAt,
    e: keep && packNames(keep),
  };
}

/** A set of names, to be looked up by the script. */
function packNames(names: readonly string[]): Readonly<Record<string, 1>> {
  return Object.fromEntries(names.map((name) => [plain(name), 1 as const]));
}

function byName<From, To>(map: ReadonlyMap<string, From>, pack: (value: From) => To): Record<string, To> {
  return Object.fromEntries([...map].map(([name, value]) => [plain(name), pack(value)]));
}

const STATUSES = { 1: 'applied', 2: 'gone', 3: 'stale', 4: 'conflict' } as const;

/** Numbers may come as text: clients can be told to give them so. */
export type ChangeReply = readonly [
  status: keyof typeof STATUSES,
  renewed?: number | string,
  ended?: EndReason | '',
  secretHash?: string,
  renewalSalt?: string,
  dataVersion?: number | string,
  /** The indexes that an ended record has left. */
  ...indexes: string[],
];

export function unpackApplied(reply: ChangeReply): Applied {
  const [code, renewed, ended, secretHash, renewalSalt, dataVersion] = reply;
  const status = STATUSES[code];
  if (status === undefined) throw new Error('the script of a change answered something else');
  return {
    status,
    renewed: Number(renewed) === 1,
    ...(ended && { ended }),
    ...(secretHash !== undefined && { secretHash }),
    ...(renewalSalt !== undefined && renewalSalt !== NO_SALT && { renewalSalt }),
    ...(dataVersion !== undefined && { dataVersion: Number(dataVersion) }),
  };
}
