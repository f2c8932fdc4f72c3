/** A page that says that something did not work, and what to do. */
import { html } from './html.ts';
import { page } from './layout.ts';

export interface Problem {
  readonly title: string;
  readonly text: string;
  /** Where to go from here. Default: home. */
  readonly action?: { readonly href: string; readonly label: string };
}

export function problemPage({ title, text, action = { href: '/', label: 'Home' } }: Problem): string {
  return page({
    title,
    isNarrow: true,
    main: html`<h1>${title}</h1>
      <p class="lead">${text}</p>
      <p><a class="button" href="${action.href}">${action.label}</a></p>`,
  });
}
