/**
 * What happens to sessions, for logs and alarms. Beside each event stands its name in the OWASP Logging Vocabulary,
 * so that a log that follows it needs no table of its own. No event carries a token or a part of one but the id,
 * which is not a secret.
 */
import type { Client, EndReason } from './record.ts';

interface Base {
  readonly at: number;
  readonly sessionId?: string;
  readonly userId?: string;
  readonly client?: Client;
}

type EventOf<
  Type extends string,
  Owasp extends string | undefined,
  Level extends string,
  More = unknown,
> = Base & {
  readonly type: Type;
  readonly owasp: Owasp;
  readonly level: Level;
} & More;

/** Why a presented cookie was not accepted. */
export type RejectionReason =
  /** Not of the form of a token. */
  | 'malformed'
  /** Several cookies of the session's name: one of them was planted (cookie tossing). */
  | 'duplicate'
  /** No such session, or a guessed secret. */
  | 'unknown'
  /** A retired secret: late beyond the grace, or stolen. */
  | 'reused'
  | EndReason;

export type SessionEvent =
  /** A session was created; anonymous unless `userId` is there. LV-1 */
  | EventOf<'created', 'session_created', 'INFO'>
  /** Someone signed in. LV-6 */
  | EventOf<'signed_in', 'authn_login_success', 'INFO'>
  /** The session's user proved who they are again. LV-2 */
  | EventOf<'reauthenticated', 'session_renewed', 'INFO'>
  /** The session's privileges changed without an authentication. LV-8 */
  | EventOf<'elevated', 'authz_change', 'WARN'>
  /** A periodic renewal of the secret. LV-2 */
  | EventOf<'renewed', 'session_renewed', 'INFO'>
  /** A session ended. LV-3 */
  | EventOf<'ended', 'session_expired', 'INFO', { readonly reason: EndReason }>
  /** Someone presented the cookie of a session that has ended or expired. LV-4 */
  | EventOf<'used_after_end', 'session_use_after_expire', 'WARN', { readonly reason: EndReason }>
  /** A cookie that no session answers to: many of them are someone guessing ids (SM-26). LV-9 */
  | EventOf<'guessed', 'excess_rate_limit_exceeded', 'WARN', { readonly reason: 'unknown' }>
  /** A cookie that this server cannot have written. */
  | EventOf<'malformed', 'input_validation_fail', 'WARN', { readonly reason: 'malformed' | 'duplicate' }>
  /** A retired secret was presented: refused, and by its circumstances perhaps the session ended. LV-5 */
  | EventOf<'reused', 'authn_token_reuse', 'CRITICAL'>
  /** A stored value no longer fits its schema, and reads as absent. */
  | EventOf<'data_rejected', 'input_validation_fail', 'WARN', { readonly key: string }>
  /** A cross-site request without a cookie wanted to create a session, which would overwrite one held back by SameSite. */
  | EventOf<'creation_refused', 'malicious_cors', 'INFO'>
  /** The store failed, or did not answer in time. The vocabulary has no name for it. Not raised while calls are suspended. */
  | EventOf<'store_failed', undefined, 'CRITICAL', { readonly operation: string; readonly error: unknown }>
  /** So many calls in a row have failed that no more are made for now: `error` is the last. Raised once for an outage. */
  | EventOf<
      'store_suspended',
      undefined,
      'CRITICAL',
      { readonly calls: 'reads' | 'writes'; readonly failures: number; readonly error: unknown }
    >
  /** The store answers again: how many calls failed while they were suspended, and for how many milliseconds that was. */
  | EventOf<
      'store_resumed',
      undefined,
      'WARN',
      { readonly calls: 'reads' | 'writes'; readonly failed: number; readonly lasted: number }
    >;

type Names = { [E in SessionEvent as E['type']]: readonly [owasp: E['owasp'], level: E['level']] };

const NAMES: Names = {
  created: ['session_created', 'INFO'],
  signed_in: ['authn_login_success', 'INFO'],
  reauthenticated: ['session_renewed', 'INFO'],
  elevated: ['authz_change', 'WARN'],
  renewed: ['session_renewed', 'INFO'],
  ended: ['session_expired', 'INFO'],
  used_after_end: ['session_use_after_expire', 'WARN'],
  guessed: ['excess_rate_limit_exceeded', 'WARN'],
  malformed: ['input_validation_fail', 'WARN'],
  reused: ['authn_token_reuse', 'CRITICAL'],
  data_rejected: ['input_validation_fail', 'WARN'],
  creation_refused: ['malicious_cors', 'INFO'],
  store_failed: [undefined, 'CRITICAL'],
  store_suspended: [undefined, 'CRITICAL'],
  store_resumed: [undefined, 'WARN'],
};

export type EventListener = (event: SessionEvent) => void;

/** An event as the code that raises it writes it: its two names are added here. */
export type RaisedEvent = SessionEvent extends infer E
  ? E extends SessionEvent
    ? Omit<E, 'owasp' | 'level'>
    : never
  : never;

/**
 * Completes an event and hands it to `listener`. A listener that throws is reported on the console and changes
 * nothing for the request.
 */
export function raise(listener: EventListener, event: RaisedEvent): void {
  const [owasp, level] = NAMES[event.type];
  try {
    listener({ ...event, owasp, level } as SessionEvent);
  } catch (error) {
    console.error('holdfast: the onEvent listener threw', error);
  }
}

/** Where nobody listens, what is worth a look goes to the console: one line of JSON. */
export const warnOnConsole: EventListener = (event) => {
  if (event.level === 'INFO') return;
  const { client: _, at, ...rest } = event;
  const error = 'error' in event && event.error instanceof Error ? { error: event.error.message } : {};
  console.warn(`holdfast: ${JSON.stringify({ at: new Date(at).toISOString(), ...rest, ...error })}`);
};
