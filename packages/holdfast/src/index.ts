export { type Clock, systemClock } from './clock.ts';
export type { MaybePromise } from './at-once.ts';
export type { CookieOptions } from './cookie.ts';
export type { JsonValue, UntypedData } from './data.ts';
export type { Duration } from './duration.ts';
export { HoldfastError, type HoldfastErrorCode, StoreUnavailableError } from './errors.ts';
export type { EventListener, RejectionReason, SessionEvent } from './events.ts';
export type { StoreCallReport, StoreGuardOptions, StoreOperation } from './guard/options.ts';
export type { GuardTimer } from './guard/timer.ts';
export type { DataSchemas, Preset, SessionOptions } from './options.ts';
export type { Random } from './platform.ts';
export type { Authentication, Client, DataEntry, Ended, EndReason, Reuse, SessionRecord } from './record.ts';
export {
  type AnswerHeaders,
  applyCommitted,
  type Committed,
  type HeaderReader,
  type OpenOptions,
  type SessionRequest,
} from './request.ts';
export type {
  AuthenticationDetails,
  DeepReadonly,
  Session,
  SessionInfo,
  SessionState,
  SignInDetails,
} from './session.ts';
export { createSessions, type DataOf, type Sessions } from './sessions.ts';
export {
  type Applied,
  applyChange,
  type Change,
  type End,
  type EndCondition,
  type Ending,
  type PrivilegeChange,
  type Renewal,
  type Update,
} from './change.ts';
export type { Admission, SessionStore } from './store.ts';
