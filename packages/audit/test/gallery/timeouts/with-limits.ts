/** Limits on the life of a session, in front of a site that has none. */
import type { IncomingMessage, RequestListener } from 'node:http';

export interface SiteLimits {
  /** In seconds. Default: none. */
  readonly idle?: number;
  /** In seconds. Default: none. */
  readonly absolute?: number;
  /** Milliseconds on the clock that the limits go by. */
  now(): number;
}

/** A session that is over is no session: the site does not get to see its cookie. */
export function withLimits(
  site: RequestListener,
  { idle = Number.POSITIVE_INFINITY, absolute = Number.POSITIVE_INFINITY, now }: SiteLimits,
): RequestListener {
  const sessions = new Map<string, { readonly since: number; seen: number }>();
  return (req, res) => {
    const id = idIn(req);
    if (id !== undefined) {
      const session = sessions.get(id) ?? { since: now(), seen: now() };
      sessions.set(id, session);
      const isOver = now() - session.seen >= idle * 1_000 || now() - session.since >= absolute * 1_000;
      if (isOver) delete req.headers.cookie;
      else session.seen = now();
    }
    return site(req, res);
  };
}

function idIn(req: IncomingMessage): string | undefined {
  return /(?:^|; )__Host-sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
}
