/** What the auditor allows itself, and what it takes from a target that may be hostile. */
export interface Limits {
  /** How many requests the whole audit may send. Default: 2000. */
  readonly requests: number;
  /** How long the whole audit may take, in seconds. Default: 600. */
  readonly seconds: number;
  /** How many requests a second are started at most. Default: 200 where every host is this machine, and 20 otherwise. */
  readonly perSecond: number;
  /** How long one answer may take from the first byte sent to the last byte received, in seconds. Default: 15. */
  readonly answerSeconds: number;
  /** How many bytes of a body are read; the rest is left. Default: 1 MiB. */
  readonly bodyBytes: number;
  /** How large the headers of an answer may be, in bytes. Default: 64 KiB. */
  readonly headerBytes: number;
  /** How many redirects in a row are followed. Default: 10. */
  readonly redirects: number;
}

const DEFAULTS: Omit<Limits, 'perSecond'> = {
  requests: 2000,
  seconds: 600,
  answerSeconds: 15,
  bodyBytes: 1024 * 1024,
  headerBytes: 64 * 1024,
  redirects: 10,
};

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** @param host as in `localhost:3000` */
export function isOfThisMachine(host: string): boolean {
  const address = `http://${host}`;
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}

/**
 * @param waiting seconds that are spent on waiting alone, and do not count
 * @param hosts that are spoken to as well
 * @throws TypeError that names the limit which is no positive number.
 */
export function resolveLimits(
  target: URL,
  chosen: Partial<Limits> = {},
  waiting = 0,
  hosts: readonly string[] = [],
): Limits {
  const perSecond = [target.host, ...hosts].every(isOfThisMachine) ? 200 : 20;
  const limits = { ...DEFAULTS, perSecond, ...chosen };
  limits.seconds += waiting;
  for (const [name, value] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value > 0))
      throw new TypeError(`limits.${name}: write a positive number`);
  }
  return limits;
}
