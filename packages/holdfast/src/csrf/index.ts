export {
  type AnySession,
  assertAllowed,
  CSRF_FIELD,
  CSRF_HEADER,
  type Csrf,
  type CsrfOptions,
  csrfProtection,
} from './protection.ts';
export type { CsrfOutcome, CsrfReason } from './check.ts';
