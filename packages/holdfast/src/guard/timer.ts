/** Where the guard takes its time from. Not the clock of the sessions: that one may be set, this one only runs. */
export interface GuardTimer {
  /** Milliseconds since an instant of its own; never goes back. */
  now(): number;
  /** Calls `callback` once, in `ms` milliseconds, unless the process has ended by then: it is not kept alive for that. */
  wake(callback: () => void, ms: number): void;
  /**
   * Whether a timer dies with the request that set it, as on workerd: then each call has to set its own, where one is enough
   * for all of them elsewhere. Default false.
   */
  readonly diesWithRequest?: boolean;
}

interface WithNavigator {
  readonly navigator?: { readonly userAgent?: string };
}

/** The timer of the runtime. */
export const systemTimer: GuardTimer = {
  now: () => performance.now(),
  wake(callback, ms) {
    // Node, Bun and Deno keep a process alive for a timer; elsewhere it is a number.
    const handle = setTimeout(callback, ms) as unknown as { unref?: () => void };
    handle.unref?.();
  },
  diesWithRequest: (globalThis as WithNavigator).navigator?.userAgent === 'Cloudflare-Workers',
};
