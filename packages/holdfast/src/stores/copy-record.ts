import type { SessionRecord } from '../record.ts';

/** Nothing is shared with the outside: neither who wrote a record nor who reads it can change it unseen. */
export function copyOf(record: SessionRecord): SessionRecord {
  return {
    ...record,
    reuse: { ...record.reuse },
    authentications: record.authentications.map((each) => ({ ...each, methods: [...each.methods] })),
    client: { ...record.client },
    data: new Map([...record.data].map(([key, entry]) => [key, { ...entry }])),
    indexes: [...record.indexes],
    system: new Map(record.system),
    ...(record.ended && { ended: { ...record.ended } }),
  };
}
