/** Opens a site: the one client that speaks to it, its transcript, and all that is acted with. */
import type { Clock } from '../clock.ts';
import { stoppedBySomebody } from '../errors.ts';
import { createClient } from '../http/client.ts';
import type { Limits } from '../http/limits.ts';
import { createTranscript, type RawSink } from '../http/transcript.ts';
import { createMask } from '../mask.ts';
import { createSite, type Site } from './site.ts';

export interface OpenOptions {
  readonly target: URL;
  /** Further hosts. */
  readonly hosts: readonly string[];
  readonly limits: Limits;
  readonly clock: Clock;
  /** Passwords and the like, which are never shown, with their names. */
  readonly secrets: readonly (readonly [value: string, name: string])[];
  readonly acceptsAnyCertificate: boolean;
  readonly rawTranscript?: RawSink | undefined;
  /** Nothing more is sent from then on. */
  readonly signal?: AbortSignal | undefined;
}

export interface OpenSite {
  readonly site: Site;
  close(): Promise<void>;
}

const USER_AGENT = 'Mozilla/5.0 (compatible; HoldfastAudit/0.1; like Chrome)';

export function openSite(options: OpenOptions): OpenSite {
  const { target, clock, signal } = options;
  const mask = createMask();
  for (const [value, name] of options.secrets) mask.hidePassword(value, name);
  const transcript = createTranscript(mask, options.rawTranscript);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(stoppedBySomebody());
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const client = createClient({ ...options, transcript, signal: stop.signal });
  const site = createSite({ target, client, clock, mask, transcript, userAgent: USER_AGENT });
  return {
    site,
    async close() {
      signal?.removeEventListener('abort', onAbort);
      client.close();
      await site.browser.close();
    },
  };
}
