/** Flaws of the store: ends that do not end, and changes that do not change. */
import {
  type Applied,
  applyChange,
  type Change,
  type PrivilegeChange,
  type SessionRecord,
  type SessionStore,
} from 'holdfast';
import type { Flaw } from './flaw.ts';
import { rewriteCookies } from './headers.ts';

export const recordFlaws = {
  rotation: {
    says: 'the token from before the sign-in is good after it (session fixation)',
    ...keepingToken(({ authentications }) => authentications !== undefined),
  },
  elevation: {
    says: 'a session gains a right and keeps its token: a copy from before has the right too',
    ...keepingToken(({ authentications }) => authentications === undefined),
  },
  logout: {
    says: 'signing out deletes the cookie and nothing else: a copy of it goes on',
    store: (store): SessionStore => ({ ...bound(store), apply: ignoringEnd(store, 'signed_out') }),
  },
  revocation: {
    says: 'a session that its user ends from another device lives on',
    store: (store): SessionStore => ({
      ...bound(store),
      apply: ignoringEnd(store, 'revoked'),
      endBy: async () => 0,
    }),
  },
  revival: {
    says: 'a slow request writes the session back whole, and brings it back after the sign-out',
    store: writeBackWhole,
  },
} satisfies Readonly<Record<string, Flaw>>;

/** A store's methods, to be replaced one by one. */
function bound(store: SessionStore): SessionStore {
  return {
    insert: (record) => store.insert(record),
    read: (id) => store.read(id),
    apply: (id, change) => store.apply(id, change),
    admit: (index, id, at, limit) => store.admit(index, id, at, limit),
    epochOf: (index) => store.epochOf(index),
    listBy: (index) => store.listBy(index),
    endBy: (index, end, except) => store.endBy(index, end, except),
    prune: (now, limit) => store.prune(now, limit),
  };
}

function ignoringEnd(store: SessionStore, reason: string): SessionStore['apply'] {
  return async (id, change) => {
    if (change.end?.reason !== reason) return store.apply(id, change);
    return { status: 'applied', renewed: false, ended: change.end.reason };
  };
}

/** Some privilege changes keep the lineage and the secret that the record has. */
function keepingToken(isKept: (change: PrivilegeChange) => boolean): Pick<Flaw, 'store' | 'exchange'> {
  /** Sessions whose new token is still to be taken out of the answer. */
  const kept = new Set<string>();
  return {
    store: (store) => ({
      ...bound(store),
      async apply(id, change) {
        if (change.end || !change.privilege || !isKept(change.privilege)) return store.apply(id, change);
        const record = await store.read(id);
        if (!record) return store.apply(id, change);
        kept.add(id);
        const { lineageHash, secretHash } = record;
        return store.apply(id, { ...change, privilege: { ...change.privilege, lineageHash, secretHash } });
      },
    }),
    exchange(req, res, next) {
      const before = sessionIdIn(req.headers.cookie);
      rewriteCookies(res, (cookie) => {
        const after = sessionIdIn(cookie);
        return after !== undefined && after === before && kept.delete(after) ? undefined : cookie;
      });
      next();
    },
  };
}

function sessionIdIn(text: string | undefined): string | undefined {
  return /(?:^|; *)(?:__Host-)?session=([\w-]{22})\.[\w-]{16}\.[\w-]{43}/.exec(text ?? '')?.[1];
}

/** As stores do that know one operation, "write": what was read at the beginning is written at the end. */
function writeBackWhole(store: SessionStore): SessionStore {
  const lastRead = new Map<string, SessionRecord>();
  const revived = new Map<string, SessionRecord>();

  function change(id: string, record: SessionRecord, by: Change): Applied {
    const outcome = applyChange(record, by);
    if (outcome.record) revived.set(id, outcome.record);
    return outcome.applied;
  }

  return {
    ...bound(store),
    async read(id) {
      const record = revived.get(id) ?? (await store.read(id));
      if (record && !record.ended) lastRead.set(id, record);
      return record;
    },
    async apply(id, by) {
      const living = revived.get(id);
      if (living) return change(id, living, by);
      const applied = await store.apply(id, by);
      const stale = lastRead.get(id);
      const isWrite = by.end === undefined && by.set !== undefined && by.set.size > 0;
      return applied.status === 'gone' && stale && isWrite ? change(id, stale, by) : applied;
    },
  };
}
