/** What has just happened, said once at the top of a page. */
import type { RejectionReason } from 'holdfast';
import { type Content, html } from './html.ts';

export interface Notice {
  readonly text: string;
  readonly isWarning?: boolean;
}

/** What a redirect may announce: the address names one of these and nothing else. */
const DONE: Readonly<Record<string, string>> = {
  'signed-out': 'You are signed out. This session can not be used again.',
  ended: 'That session has ended.',
  'others-ended': 'All your other sessions have ended.',
  confirmed: 'Thank you. Nothing was changed yet: go on where you were.',
  'email-changed': 'Your e-mail address is changed.',
  'password-changed': 'Your password is changed, and all your other sessions have ended.',
  'signed-out-everywhere': 'Your password is changed, and you are signed out everywhere.',
};

/** Why somebody who was signed in is not any more. Guesses and slips are told nothing. */
const REJECTED: Partial<Record<RejectionReason, string>> = {
  idle_timeout: 'You were signed out because nothing had happened for a while.',
  absolute_timeout: 'You were signed out because the session had reached its longest time.',
  revoked: 'This session was ended from another device.',
  limit: 'This session ended because you signed in on too many devices.',
  reused: 'You were signed out for safety: an outdated copy of this session was used.',
};

/** @param done what the address says has been done; anything else than a name of ours says nothing */
export function noticeOf(done: unknown, rejected: RejectionReason | undefined): Notice | undefined {
  if (typeof done === 'string' && Object.hasOwn(DONE, done)) return { text: DONE[done] ?? '' };
  const text = rejected && REJECTED[rejected];
  return text === undefined ? undefined : { text, isWarning: true };
}

export function noticeBox(notice: Notice | undefined): Content {
  return (
    notice &&
    html`<p class="notice${notice.isWarning === true && ' warning'}" role="status">${notice.text}</p>`
  );
}
