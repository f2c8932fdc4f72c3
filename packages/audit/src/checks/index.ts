/** Every check, in the order in which they run: those that only look come first. */
import type { Check } from '../engine/check.ts';
import { check as absoluteTimeout } from './absolute-timeout.ts';
import { check as accountSwitch } from './account-switch.ts';
import { check as concurrentSessions } from './concurrent-sessions.ts';
import { check as cookieByLink } from './cookie-by-link.ts';
import { check as cookieCaching } from './cookie-caching.ts';
import { check as cookieDeletion } from './cookie-deletion.ts';
import { check as cookieDuplicates } from './cookie-duplicates.ts';
import { check as cookieHttponly } from './cookie-httponly.ts';
import { check as cookieLifetime } from './cookie-lifetime.ts';
import { check as cookiePrefix } from './cookie-prefix.ts';
import { check as cookieSamesite } from './cookie-samesite.ts';
import { check as cookieScope } from './cookie-scope.ts';
import { check as cookieSecure } from './cookie-secure.ts';
import { check as cookieSize } from './cookie-size.ts';
import { check as crossOriginReads } from './cross-origin-reads.ts';
import { check as errorPage } from './error-page.ts';
import { check as hsts } from './hsts.ts';
import { check as httpsRedirect } from './https-redirect.ts';
import { check as idleTimeout } from './idle-timeout.ts';
import { check as lostUpdates } from './lost-updates.ts';
import { check as mixedAccounts } from './mixed-accounts.ts';
import { check as pageCaching } from './page-caching.ts';
import { check as passwordChange } from './password-change.ts';
import { check as revival } from './revival.ts';
import { check as sessionFixation } from './session-fixation.ts';
import { check as sessionRevocation } from './session-revocation.ts';
import { check as sessionRollback } from './session-rollback.ts';
import { check as signInForm } from './sign-in-form.ts';
import { check as signOutCrossSite } from './sign-out-cross-site.ts';
import { check as signOutGet } from './sign-out-get.ts';
import { check as signOutReplay } from './sign-out-replay.ts';
import { check as staticToken } from './static-token.ts';
import { check as stepUpRenewal } from './step-up-renewal.ts';
import { check as tokenInAddress } from './token-in-address.ts';
import { check as tokenInBody } from './token-in-body.ts';
import { check as tokenRenewal } from './token-renewal.ts';
import { check as traceMethod } from './trace-method.ts';
import { check as whatAuthenticates } from './what-authenticates.ts';

export const checks: readonly Check[] = [
  whatAuthenticates,
  hsts,
  httpsRedirect,
  traceMethod,
  signInForm,
  cookieCaching,
  crossOriginReads,
  cookieSecure,
  cookieHttponly,
  cookieSamesite,
  cookiePrefix,
  cookieScope,
  cookieLifetime,
  cookieDuplicates,
  cookieSize,
  pageCaching,
  tokenInAddress,
  tokenInBody,
  staticToken,
  sessionFixation,
  cookieByLink,
  tokenRenewal,
  stepUpRenewal,
  accountSwitch,
  mixedAccounts,
  signOutReplay,
  cookieDeletion,
  signOutGet,
  signOutCrossSite,
  errorPage,
  revival,
  lostUpdates,
  sessionRollback,
  concurrentSessions,
  sessionRevocation,
  passwordChange,
  // Last: they move the clock of the target, and may start it anew.
  idleTimeout,
  absoluteTimeout,
];
