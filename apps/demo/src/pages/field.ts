/** One field of a form, with its label, its hint and what is wrong with it, tied together for those who do not see it. */
import { type Content, html } from './html.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly value?: string | undefined;
  readonly maxlength?: number;
  readonly hint?: string;
  /** What is wrong with it. */
  readonly error?: string | undefined;
  readonly isFocused?: boolean;
}

export function field(it: Field): Content {
  const hint = it.hint !== undefined && `${it.name}-hint`;
  const error = it.error !== undefined && `${it.name}-error`;
  const ids = [error, hint].filter((id) => id !== false).join(' ');
  return html`<div class="field">
          <label for="${it.name}">${it.label}</label>
          <input id="${it.name}" name="${it.name}" type="${it.type}" required autocomplete="${it.autocomplete}"${[
            it.value !== undefined && html` value="${it.value}"`,
            it.maxlength !== undefined && html` maxlength="${it.maxlength}"`,
            ids !== '' && html` aria-describedby="${ids}"`,
            it.error !== undefined && html` aria-invalid="true"`,
            it.isFocused === true && html` autofocus`,
          ]} />
          ${error && html`<p class="error" id="${error}">${it.error}</p>`}
          ${hint && html`<p class="hint" id="${hint}">${it.hint}</p>`}
        </div>`;
}

/** For the software that keeps passwords: whose one this is. */
export function usernameFor(username: string): Content {
  return html`<input class="hidden" type="text" name="username" value="${username}" autocomplete="username"
          readonly tabindex="-1" aria-hidden="true" />`;
}
