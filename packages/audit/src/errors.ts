/**
 * What stopped the auditor. A fault is never a verdict about the site: a check that meets one is inconclusive.
 *
 * - `budget`: the requests or the time allowed are used up
 * - `interrupted`: somebody stopped the audit
 * - `host_not_named`: the address is of a host that the audit was not pointed at
 * - `unreachable`: no connection, or it broke before an answer
 * - `timeout`: the answer, or a page in Chromium, took longer than allowed
 * - `malformed_answer`: what came is not HTTP, or its headers are too large
 * - `tls`: the certificate or the handshake was refused
 * - `sign_in_failed`: the site could not be signed in to
 * - `recipe`: the recipe can not be used as it is written
 * - `usage`: an argument can not be used as it is written
 */
export type AuditErrorCode =
  | 'budget'
  | 'interrupted'
  | 'host_not_named'
  | 'unreachable'
  | 'timeout'
  | 'malformed_answer'
  | 'tls'
  | 'sign_in_failed'
  | 'recipe'
  | 'usage';

export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function isAuditError(error: unknown, code?: AuditErrorCode): error is AuditError {
  return error instanceof AuditError && (code === undefined || error.code === code);
}

export function stoppedBySomebody(): AuditError {
  return new AuditError('interrupted', 'the audit was stopped');
}
