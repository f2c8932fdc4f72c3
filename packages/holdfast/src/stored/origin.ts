import { describeClient } from '../client.ts';
import type { Client } from '../record.ts';
import { isCrossSite, type OpenOptions, type SessionRequest } from '../request.ts';

/** What a session has to know about its request. Most requests are read-only, so what only a few need waits to be asked for. */
export class Origin {
  readonly request: SessionRequest;
  /** When it came in. */
  readonly at: number;
  readonly isPassive: boolean;
  /** The answer is true without the store, as long as nothing was written. */
  readonly doesWithoutStore: boolean;
  #client: Client | undefined;

  constructor(request: SessionRequest, { passive = false, onStoreFailure }: OpenOptions, at: number) {
    this.request = request;
    this.at = at;
    this.isPassive = passive;
    this.doesWithoutStore = onStoreFailure === 'anonymous';
  }

  get client(): Client {
    if (this.#client) return this.#client;
    const { remoteAddress, headers } = this.request;
    return (this.#client = describeClient(remoteAddress, headers.get('user-agent')));
  }

  get isCrossSite(): boolean {
    return isCrossSite(this.request.headers);
  }
}
