import { isNews } from '../../src/stores/redis/announce.ts';
import type { Notice, SessionStore } from '../../src/store.ts';

/** A store that tells of ends and changes as the Redis store does: of nothing that is no news. */
export function telling(inner: SessionStore, tell: (notice: Notice) => void): SessionStore {
  return {
    ...inner,
    async apply(id, change) {
      const applied = await inner.apply(id, change);
      if (applied.status === 'applied' && isNews(change, applied))
        tell({ kind: applied.ended ? 'ended' : 'changed', id });
      return applied;
    },
    async endBy(index, end, except) {
      const before = await inner.listBy(index);
      const count = await inner.endBy(index, end, except);
      for (const { id } of before) tell({ kind: 'ended', id });
      return count;
    },
  };
}
