/** The only way out: named hosts, a budget, a rate, and a transcript of everything. */
import type { Clock } from '../clock.ts';
import { AuditError, isAuditError } from '../errors.ts';
import type { Limits } from './limits.ts';
import type { Answer, Request } from './message.ts';
import type { Transcript } from './transcript.ts';
import { openWire } from './wire.ts';

export interface Client {
  /** @throws AuditError for everything that is not an answer. */
  send(request: Request, who: string): Promise<Answer>;
  /** Whether the audit may speak to this host. */
  mayReach(url: URL): boolean;
  readonly used: { readonly requests: number; readonly seconds: number };
  readonly limits: Limits;
  /** Aborted, with the reason, once nothing more is sent. */
  readonly signal: AbortSignal;
  close(): void;
}

export interface ClientOptions {
  readonly target: URL;
  /** Further hosts, as in `login.example.com` or `localhost:4000`. Default: none. */
  readonly hosts?: readonly string[];
  readonly limits: Limits;
  readonly clock: Clock;
  readonly transcript: Transcript;
  readonly signal: AbortSignal;
  /** Default: false. */
  readonly acceptsAnyCertificate?: boolean;
}

/** What ends an audit that has taken as long as it may. */
export function timeIsUp({ seconds }: Pick<Limits, 'seconds'>): AuditError {
  return new AuditError('budget', `all ${seconds} s of the budget are used`);
}

export function createClient(options: ClientOptions): Client {
  const { target, limits, clock, transcript, signal } = options;
  const wire = openWire({ limits, acceptsAnyCertificate: options.acceptsAnyCertificate === true });
  const named = new Set([target.host, ...(options.hosts ?? [])]);
  // The same host at the other scheme's own port: where HTTPS is looked for, and HTTP is redirected from.
  if (target.port === '') named.add(target.hostname);
  const start = clock.now();
  let requests = 0;
  let nextAt = start;

  /** Requests start evenly spaced, so that the stated rate holds in every second and not on average. */
  async function takeTurn(): Promise<void> {
    if (signal.aborted) throw signal.reason as Error;
    if (requests >= limits.requests) {
      throw new AuditError('budget', `all ${limits.requests} requests of the budget are used`);
    }
    if (clock.now() - start >= limits.seconds * 1000) {
      throw timeIsUp(limits);
    }
    requests++;
    const now = clock.now();
    const at = Math.max(now, nextAt);
    nextAt = at + 1000 / limits.perSecond;
    // A pause shorter than a timer's step is no pause.
    if (at - now >= 4) await clock.sleep(at - now, signal);
  }

  return {
    limits,
    signal,
    get used() {
      return { requests, seconds: (clock.now() - start) / 1000 };
    },
    mayReach: (url) => named.has(url.host),
    async send(request, who) {
      if (!named.has(request.url.host)) {
        throw new AuditError('host_not_named', `${request.url.host} was not named, so it is not spoken to`);
      }
      await takeTurn();
      const at = clock.now();
      try {
        const answer = await wire.send(request, signal);
        return { ...answer, number: transcript.record({ who, at, request, answer }) };
      } catch (error) {
        if (isAuditError(error))
          transcript.record({ who, at, request, fault: `${error.code}: ${error.message}` });
        throw error;
      }
    },
    close: () => wire.close(),
  };
}
