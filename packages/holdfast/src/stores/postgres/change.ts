/** A change as `holdfast_change` reads it: JSON, in which what is `undefined` is left out. */
import type { Applied, Change, End } from '../../change.ts';
import type { EndReason } from '../../record.ts';
import type { SqlRow } from '../sql/link.ts';
import { plain, plainOrNull } from '../sql/plain.ts';
import { byName, packAuthentications, packClient } from '../sql/row.ts';

export function packEnd({ reason, at, tombstoneFor }: End): readonly [EndReason, number, number] {
  return [reason, at, tombstoneFor];
}

export function packChange(change: Change): string {
  if (change.end) {
    const { index, ...rest } = change.while ?? {};
    const condition = { ...rest, index: index === undefined ? undefined : plain(index) };
    return JSON.stringify({ end: packEnd(change.end), while: condition });
  }
  const { epoch, at, set, remove, expect, system, touch, confirm, renew, repeat, incident, privilege } =
    change;
  return JSON.stringify({
    epoch,
    at,
    touch,
    confirm,
    repeat,
    incident,
    set:
      set && set.size > 0
        ? byName(set, ({ value, schemaVersion }) => [plain(value), schemaVersion])
        : undefined,
    remove: remove && remove.length > 0 ? remove.map(plain) : undefined,
    expect: expect && expect.size > 0 ? byName(expect, (version) => version) : undefined,
    system:
      system && system.size > 0
        ? byName(system, ({ from, to }) => [plainOrNull(from), plainOrNull(to)])
        : undefined,
    renew: renew && { ...renew, client: packClient(renew.client) },
    privilege: privilege && {
      ...privilege,
      client: packClient(privilege.client),
      userId: privilege.userId === undefined ? undefined : plain(privilege.userId),
      authentications: privilege.authentications && packAuthentications(privilege.authentications),
      indexes: privilege.indexes?.map(plain),
      keep: privilege.keep?.map(plain),
    },
  });
}

/** From a list of status, renewed, ended, secret, salt, version. */
export function unpackApplied(answer: unknown): Applied {
  const [status, renewed, ended, secret, salt, version] = JSON.parse(answer as string) as SqlRow;
  return {
    status: status as Applied['status'],
    renewed: renewed === true,
    ...(ended !== null && { ended: ended as EndReason }),
    ...(secret !== null && { secretHash: secret as string }),
    ...(salt !== null && { renewalSalt: salt as string }),
    ...(version !== null && { dataVersion: Number(version) }),
  };
}
