/**
 * What went wrong, as a closed list:
 * - `store_unavailable`: the store did not answer or failed. Neither signed in nor signed out is known. HTTP 503.
 * - `session_changed`: the session ended, or someone's privileges changed, while this request held unsaved keys;
 *   they were not saved. HTTP 409.
 * - `reauthentication_required`: the action needs someone who is signed in, or a locked session reopened. HTTP 401.
 * - `csrf_rejected`: the request comes from another site, or without the token that it needs. HTTP 403.
 * - `headers_sent`: the session was written to after its answer had left. A programming error.
 */
export type HoldfastErrorCode =
  | 'store_unavailable'
  | 'session_changed'
  | 'reauthentication_required'
  | 'csrf_rejected'
  | 'headers_sent';

/** A fault. A rejected cookie is not one: see `session.rejected`. Messages never carry a token or a part of one. */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError';
  readonly code: HoldfastErrorCode;

  constructor(code: HoldfastErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The store failed: the user is neither signed in nor signed out, and the cookie stays as it is. */
export class StoreUnavailableError extends HoldfastError {
  override readonly name = 'StoreUnavailableError';

  constructor(operation: string, cause: unknown) {
    super('store_unavailable', `the session store failed to ${operation}`, { cause });
  }
}
