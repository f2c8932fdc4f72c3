import type { Applied } from '../change.ts';
import { HoldfastError } from '../errors.ts';

const MESSAGES = {
  applied: 'the session changed while this request was running',
  gone: 'the session ended while this request was running; what it wrote was not saved',
  stale: "the session's privileges changed while this request was running; what it wrote was not saved",
  conflict:
    'the session was changed by another request at the same time; what this request wrote was not saved',
} as const;

export function sessionChanged(status: Applied['status']): HoldfastError {
  return new HoldfastError('session_changed', MESSAGES[status]);
}

export function reauthenticationRequired(): HoldfastError {
  return new HoldfastError('reauthentication_required', 'this needs a user who is signed in');
}

export function unavailable(): HoldfastError {
  return new HoldfastError(
    'store_unavailable',
    "the session store did not answer, and this request was opened with onStoreFailure: 'anonymous': it can not write",
  );
}

export function headersSent(): HoldfastError {
  return new HoldfastError('headers_sent', 'the answer has left; write to the session before you answer');
}
