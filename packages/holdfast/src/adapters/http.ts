/** The meaning of our errors in HTTP: the one place where a code becomes a status. */
import { HoldfastError, type HoldfastErrorCode } from '../errors.ts';

export interface HttpProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

const STATUS: Readonly<Record<HoldfastErrorCode, number>> = {
  store_unavailable: 503,
  session_changed: 409,
  reauthentication_required: 401,
  csrf_rejected: 403,
  headers_sent: 500,
};

const BODY: Readonly<Record<HoldfastErrorCode, string>> = {
  store_unavailable:
    'Your session can not be reached right now. You are still signed in; try again in a moment.\n',
  session_changed:
    'Your session changed while this was running, so nothing was saved. Go back and try again.\n',
  reauthentication_required: 'Sign in to go on.\n',
  csrf_rejected:
    'This request came from another site, or from a page that is too old. Load the page again.\n',
  headers_sent: 'Internal Server Error\n',
};

const RETRY_AFTER_SECONDS = '5';

/** How to answer an error that is not ours: nothing of it is shown. */
export const INTERNAL_ERROR: HttpProblem = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: 'Internal Server Error\n',
};

/** How to answer an error of ours; `undefined` for anybody else's. */
export function httpProblem(error: unknown): HttpProblem | undefined {
  if (!(error instanceof HoldfastError)) return undefined;
  const { code } = error;
  return {
    status: STATUS[code],
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...(code === 'store_unavailable' && { 'retry-after': RETRY_AFTER_SECONDS }),
    },
    body: BODY[code],
  };
}
