/** Asks for the password again, before something that matters. */
import type { User } from '../users.ts';
import { field, usernameFor } from './field.ts';
import { html } from './html.ts';
import { icons } from './icons.ts';
import { page } from './layout.ts';

export interface Confirm {
  readonly user: User;
  readonly sessionId: string | undefined;
  /** A path of ours. */
  readonly to: string;
  readonly isRefused?: boolean;
}

export function confirmPage({ user, sessionId, to, isRefused = false }: Confirm): string {
  return page({
    title: isRefused ? 'Error: Is it still you?' : 'Is it still you?',
    user,
    sessionId,
    isNarrow: true,
    main: html`<div class="emblem">${icons.shield}</div>
      <h1>Is it still you?</h1>
      <p class="lead">What you are about to do matters, and it is a while since you gave your password. What you
        have written is kept.</p>
      <form class="card stack" method="post" action="/confirm">
        ${usernameFor(user.username)}
        <input type="hidden" name="to" value="${to}" />
        ${field({
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          error: isRefused ? 'That is not your password.' : undefined,
          isFocused: true,
        })}
        <button class="button wide">Go on</button>
      </form>
      <p class="aside"><a href="${to}">Back, without it</a></p>`,
  });
}
