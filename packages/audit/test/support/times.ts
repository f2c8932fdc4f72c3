/** A site with limits whose clock the test has in its hand. */
import type { RequestListener } from 'node:http';
import { audit, type AuditOptions } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { Clock } from '../../src/clock.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import type { TimeControl } from '../../src/time/control.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { type SiteLimits, withLimits } from '../gallery/timeouts/with-limits.ts';

/** Sleeping is moving on. */
export class HandClock implements Clock {
  #now = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw signal.reason as Error;
    this.#now += ms;
  }
}

export function movedBy(clock: HandClock, more: Partial<TimeControl> = {}): TimeControl {
  return {
    kind: 'moved',
    says: 'The clock is moved.',
    atMost: Number.POSITIVE_INFINITY,
    pass: (ms) => clock.sleep(ms),
    settle: () => Promise.resolve(),
    ...more,
  };
}

export interface Told extends Omit<SiteLimits, 'now'> {
  /** Signing in ends the session before. */
  readonly oneSession?: boolean;
  /** Its Date stands still. */
  readonly datesStand?: boolean;
  /** No cookie opens anything once so many seconds have gone by. */
  readonly losesAllAfter?: number;
  /** Milliseconds on the clock of the limits. Default: that of the test. */
  readonly now?: () => number;
}

export interface Times {
  readonly idle: CheckResult;
  readonly absolute: CheckResult;
}

export async function timesOf(told: Told, clock: HandClock, options: Partial<AuditOptions>): Promise<Times> {
  const site = await listen(siteOf(told, clock));
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => id === 'idle-timeout' || id === 'absolute-timeout'),
      // The rate would move the clock, and with it the site.
      limits: { perSecond: 1e9, seconds: 1e9 },
      clock,
      ...options,
    });
    const [idle, absolute] = report.checks;
    if (!idle || !absolute) throw new Error('both checks run');
    return { idle, absolute };
  } finally {
    await site.stop();
  }
}

function siteOf(told: Told, clock: HandClock): RequestListener {
  const { oneSession = false, datesStand = false, losesAllAfter = Infinity, now = () => clock.now() } = told;
  const site = withLimits(nodeSite(), { ...told, now });
  const start = clock.now();
  let newest: string | undefined;
  return (req, res) => {
    res.setHeader('Date', new Date(datesStand ? start : clock.now()).toUTCString());
    const id = /__Host-sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    if (oneSession && id !== undefined && id !== newest && req.url === '/account') delete req.headers.cookie;
    if (clock.now() - start >= losesAllAfter * 1_000) delete req.headers.cookie;
    const end = res.end.bind(res);
    res.end = ((...args: Parameters<typeof end>) => {
      if (req.url === '/login' && res.statusCode === 303)
        newest = /__Host-sid=([^;]+)/.exec(String(res.getHeader('set-cookie')))?.[1];
      return end(...args);
    }) as typeof res.end;
    return site(req, res);
  };
}
