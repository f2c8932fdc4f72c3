/** The account of whoever is signed in: the address and the password. */
import {
  LONGEST_EMAIL,
  LONGEST_PASSWORD,
  type PasswordProblem,
  SHORTEST_PASSWORD,
  type User,
} from '../users.ts';
import { field, usernameFor } from './field.ts';
import { type Content, html } from './html.ts';
import { page } from './layout.ts';
import { type Notice, noticeBox } from './notice.ts';

export interface AccountPage {
  readonly user: User;
  readonly sessionId: string | undefined;
  /** What stands in the field: the address, or what was typed. */
  readonly email: string | undefined;
  readonly problem?: 'email' | PasswordProblem;
  readonly notice?: Notice | undefined;
}

type Problem = NonNullable<AccountPage['problem']>;

const MESSAGES: Readonly<Record<Problem, string>> = {
  email: 'That is no e-mail address: write one like ada@example.com.',
  current: 'That is not your current password.',
  same: 'That is the password you have. Choose another one.',
  password_short: `The new password is too short: write at least ${SHORTEST_PASSWORD} characters.`,
  password_long: `The new password is too long: write at most ${LONGEST_PASSWORD} characters.`,
};

export function accountPage({ user, sessionId, email, problem, notice }: AccountPage): string {
  return page({
    title: problem ? 'Error: Account' : 'Account',
    user,
    sessionId,
    current: 'account',
    main: html`${noticeBox(notice)}
      <h1>Account</h1>
      <p class="lead">How we reach you, and how you prove that it is you.</p>
      <div class="columns">
        ${emailForm(user, email, problem)}
        ${passwordForm(user, problem)}
      </div>`,
  });
}

function emailForm(user: User, email: string | undefined, problem: Problem | undefined): Content {
  return html`<form class="card stack" method="post" action="/account/email" aria-labelledby="email-title">
          <div>
            <h2 id="email-title">E-mail address</h2>
            <p>${user.email === undefined ? 'You have given none yet.' : html`Now <strong>${user.email}</strong>.`}</p>
          </div>
          ${field({
            name: 'email',
            label: 'New address',
            type: 'email',
            autocomplete: 'email',
            value: email === user.email && problem !== 'email' ? '' : (email ?? ''),
            maxlength: LONGEST_EMAIL,
            error: problem === 'email' ? MESSAGES.email : undefined,
            hint: 'Whoever reads it can reset a password: you are asked for yours, unless you gave it in the last five minutes.',
            isFocused: problem === 'email',
          })}
          <button class="button wide">Change e-mail address</button>
        </form>`;
}

function passwordForm(user: User, problem: Problem | undefined): Content {
  const errorOf = (...mine: Problem[]): string | undefined =>
    problem && mine.includes(problem) ? MESSAGES[problem] : undefined;
  const ofNext = errorOf('same', 'password_short', 'password_long');
  return html`<form class="card stack" method="post" action="/account/password" aria-labelledby="password-title">
          <div>
            <h2 id="password-title">Password</h2>
            <p>Changing it ends your sessions on all other devices.</p>
          </div>
          ${usernameFor(user.username)}
          ${field({
            name: 'current',
            label: 'Current password',
            type: 'password',
            autocomplete: 'current-password',
            error: errorOf('current'),
            isFocused: problem === 'current',
          })}
          ${field({
            name: 'next',
            label: 'New password',
            type: 'password',
            autocomplete: 'new-password',
            error: ofNext,
            hint: `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters of any kind.`,
            isFocused: ofNext !== undefined,
          })}
          <label class="check"><input type="checkbox" name="everywhere" value="yes" /> <span>Sign me out here, too</span></label>
          <button class="button wide">Change password</button>
        </form>`;
}
