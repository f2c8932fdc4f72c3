/** The frame of every page. */
import type { User } from '../users.ts';
import { type Content, html } from './html.ts';
import { logo } from './icons.ts';

export interface Layout {
  readonly title: string;
  readonly main: Content;
  /** Who is signed in, for the pages that know. */
  readonly user?: User | undefined;
  /** Which entry of the navigation this page is. */
  readonly current?: 'home' | 'sessions' | 'account';
  /** Narrow, for a single form or message. */
  readonly isNarrow?: boolean;
}

export function page({ title, main, user, current, isNarrow = false }: Layout): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Holdfast</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/style.css" />
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="bar">
      <a class="brand" href="/">${logo}<span>Holdfast</span></a>
      ${user && navigation(user, current)}
    </header>
    <main id="main"${isNarrow && html` class="narrow"`}>${main}</main>
    <footer>The reference application of Holdfast. It answers on this machine only.</footer>
  </body>
</html>
`.toString();
}

function navigation(user: User, current: Layout['current']): Content {
  const link = (name: Layout['current'], href: string, label: string): Content =>
    html`<li><a href="${href}"${name === current && html` aria-current="page"`}>${label}</a></li>`;
  return html`<nav aria-label="Main">
        <ul>
          ${link('home', '/', 'Home')}
          ${link('sessions', '/sessions', 'Sessions')}
          ${link('account', '/account', 'Account')}
        </ul>
      </nav>
      <form class="who" method="post" action="/sign-out">
        <span class="name" title="${user.username}"><span class="hidden">Signed in as </span>${user.username}</span>
        <button class="quiet">Sign out</button>
      </form>`;
}
