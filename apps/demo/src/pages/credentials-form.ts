/** The form of sign-in and sign-up: a name and a password. */
import { LONGEST_USERNAME } from '../users.ts';
import { type Content, html } from './html.ts';

/** One message for the whole form, and which fields it is about. */
export interface FormError {
  readonly text: string;
  readonly fields: readonly Field[];
}

type Field = 'username' | 'password';

export interface CredentialsForm {
  readonly action: string;
  readonly button: string;
  readonly username: string;
  readonly error: FormError | undefined;
  readonly password: 'current-password' | 'new-password';
  /** Whether to be kept signed in; not asked where it is left out. */
  readonly persistent?: boolean;
  /** What to know before choosing a name and a password. */
  readonly hints?: { readonly username: string; readonly password: string };
}

export function credentialsForm(form: CredentialsForm): Content {
  const { error, hints, username } = form;
  // Where there is something to write: another name, or the password, which is never filled in again.
  const needsName = !username || error?.fields.join() === 'username';
  const focused: Field = needsName ? 'username' : 'password';
  const attributes = (field: Field): Content => {
    const isAbout = error?.fields.includes(field) === true;
    const ids = [isAbout && 'error', hints !== undefined && `${field}-hint`].filter((id) => id !== false);
    return [
      ids.length > 0 && html` aria-describedby="${ids.join(' ')}"`,
      isAbout && html` aria-invalid="true"`,
      focused === field && html` autofocus`,
    ];
  };
  return html`<form class="card stack" method="post" action="${form.action}">
        ${error && html`<p class="error" id="error" role="alert">${error.text}</p>`}
        <div class="field">
          <label for="username">Username</label>
          <input id="username" name="username" value="${username}" required maxlength="${LONGEST_USERNAME}"
            autocomplete="username" autocapitalize="none" spellcheck="false"${attributes('username')} />
          ${hints && html`<p class="hint" id="username-hint">${hints.username}</p>`}
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" required
            autocomplete="${form.password}"${attributes('password')} />
          ${hints && html`<p class="hint" id="password-hint">${hints.password}</p>`}
        </div>
        ${form.persistent !== undefined && keepSignedIn(form.persistent)}
        <button class="button wide">${form.button}</button>
      </form>`;
}

function keepSignedIn(isChecked: boolean): Content {
  return html`<div class="field">
          <label class="check"><input type="checkbox" name="persistent" value="yes" aria-describedby="persistent-hint"${isChecked && html` checked`} />
            <span>Keep me signed in</span></label>
          <p class="hint" id="persistent-hint">Also when this browser is closed. Not on a computer that others use.</p>
        </div>`;
}
