export { type CsrfOptions, type CsrfOutcome, csrfProtection } from './check.ts';
