import type { DemoAccount } from '../app.ts';
import { credentialsForm } from './credentials-form.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { type Notice, noticeBox } from './notice.ts';

export interface SignIn {
  readonly username?: string;
  readonly persistent?: boolean;
  /** One answer for a wrong password and for a name nobody has. */
  readonly isRefused?: boolean;
  readonly notice?: Notice | undefined;
  readonly demoAccount: DemoAccount | undefined;
}

const REFUSED = { text: 'The username or the password is wrong.', fields: ['username', 'password'] } as const;

export function signInPage(it: SignIn): string {
  const { username = '', persistent = false, isRefused = false, notice, demoAccount } = it;
  return page({
    title: isRefused ? 'Error: Sign in' : 'Sign in',
    isNarrow: true,
    main: html`${noticeBox(notice)}
      <h1>Sign in</h1>
      ${credentialsForm({
        action: '/sign-in',
        button: 'Sign in',
        username,
        error: isRefused ? REFUSED : undefined,
        password: 'current-password',
        persistent,
      })}
      ${
        demoAccount &&
        html`<p class="aside">Just looking? Sign in as <code>${demoAccount.username}</code> with
        <code>${demoAccount.password}</code>.</p>`
      }
      <p class="aside">No account yet? <a href="/sign-up">Create one</a>.</p>`,
  });
}
