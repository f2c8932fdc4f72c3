/** What the experiments have to do with: ids, in our words what they ask, and where to read them. */
import type { Requirement } from './experiment.ts';

const ASVS_3 = 'https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x12-V3-Web-Frontend-Security.md';
const ASVS_7 = 'https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x16-V7-Session-Management.md';
const NIST = 'https://pages.nist.gov/800-63-4/sp800-63b.html#sec5';
const SESSION_SHEET = 'https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html';
const CSRF_SHEET =
  'https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html';
const RFC_9700 = 'https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2';

const requirement = (id: string, asks: string, href?: string): Requirement => ({
  id,
  asks,
  ...(href !== undefined && { href }),
});

export const ASVS_3_3_2: Requirement = requirement(
  'ASVS 3.3.2',
  'SameSite is set for each cookie according to its purpose.',
  ASVS_3,
);
export const ASVS_3_3_4: Requirement = requirement(
  'ASVS 3.3.4',
  'A cookie that scripts do not need is HttpOnly, and its value reaches the browser in no other way.',
  ASVS_3,
);
export const ASVS_3_5_1: Requirement = requirement(
  'ASVS 3.5.1',
  'Requests that change something are checked to come from the application itself.',
  ASVS_3,
);
export const ASVS_7_2_3: Requirement = requirement(
  'ASVS 7.2.3',
  'Tokens are unique, random, and hold at least 128 bits of entropy.',
  ASVS_7,
);
export const ASVS_7_2_4: Requirement = requirement(
  'ASVS 7.2.4',
  'Signing in gives a new token, and ends the one before it.',
  ASVS_7,
);
export const ASVS_7_4_1: Requirement = requirement(
  'ASVS 7.4.1',
  'After signing out, the session can not be used again.',
  ASVS_7,
);
export const NIST_5_1: Requirement = requirement(
  'NIST SP 800-63B-4 §5.1',
  'The secret of a session is made when somebody signs in, and erased or invalidated when they sign out.',
  NIST,
);
export const NIST_5_1_1: Requirement = requirement(
  'NIST SP 800-63B-4 §5.1.1',
  'Session cookies should be out of the reach of scripts.',
  NIST,
);
export const SM_14: Requirement = requirement(
  'OWASP SM-14',
  'An id that the application did not make is never adopted.',
  SESSION_SHEET,
);
export const SM_16: Requirement = requirement(
  'OWASP SM-16',
  'The token changes whenever privileges do, and the old one dies.',
  SESSION_SHEET,
);
export const SM_26: Requirement = requirement(
  'OWASP SM-26',
  'Guessing of session ids is noticed and reported.',
  SESSION_SHEET,
);
export const CSRF_5: Requirement = requirement(
  'OWASP CSRF-5',
  'What the browser marks as caused by another site is refused, unless it only reads.',
  CSRF_SHEET,
);
export const RFC9700_4_14_2: Requirement = requirement(
  'RFC 9700 §4.14.2',
  'A token that was replaced and comes back is a sign of theft. (Written for refresh tokens.)',
  RFC_9700,
);
export const INVARIANT_8: Requirement = requirement(
  'Holdfast invariant 8',
  'Nothing revives a session that has ended, and no change made at the same time is lost.',
);
