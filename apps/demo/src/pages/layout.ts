/** The frame of every page. */
import type { User } from '../users.ts';
import { countdownDialog } from './countdown.ts';
import { type Content, html } from './html.ts';
import { logo } from './icons.ts';

export interface Layout {
  readonly title: string;
  readonly main: Content;
  /** Who is signed in, for the pages that know. */
  readonly user?: User | undefined;
  /** The session that the page belongs to: the page watches over it. */
  readonly sessionId?: string | undefined;
  /** Which entry of the navigation this page is. */
  readonly current?: 'home' | 'sessions' | 'account' | 'lab';
  /** Narrow, for a single form or message. */
  readonly isNarrow?: boolean;
}

export function page({ title, main, user, sessionId, current, isNarrow = false }: Layout): string {
  return html`<!doctype html>
<html lang="en"${sessionId !== undefined && html` data-session="${sessionId}"`}>
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Holdfast</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/style.css" />
    <script src="/app.js" type="module"></script>
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="bar">
      <a class="brand" href="/">${logo}<span>Holdfast</span></a>
      ${user ? navigation(user, current) : html`<nav aria-label="Main"><ul>${entry('lab', current)}</ul></nav>`}
    </header>
    <main id="main"${isNarrow && html` class="narrow"`}>${main}</main>
    <footer>The reference application of Holdfast. It answers on this machine only.</footer>
    ${sessionId !== undefined && countdownDialog}
  </body>
</html>
`.toString();
}

const ENTRIES = {
  home: { href: '/', label: 'Home' },
  sessions: { href: '/sessions', label: 'Sessions' },
  account: { href: '/account', label: 'Account' },
  lab: { href: '/lab', label: 'Lab' },
} as const;

function entry(name: keyof typeof ENTRIES, current: Layout['current']): Content {
  const { href, label } = ENTRIES[name];
  return html`<li><a href="${href}"${name === current && html` aria-current="page"`}>${label}</a></li>`;
}

function navigation(user: User, current: Layout['current']): Content {
  return html`<nav aria-label="Main">
        <ul>
          ${(['home', 'sessions', 'account', 'lab'] as const).map((name) => entry(name, current))}
        </ul>
      </nav>
      <form class="who" method="post" action="/sign-out">
        <span class="name" title="${user.username}"><span class="hidden">Signed in as </span>${user.username}</span>
        <button class="quiet">Sign out</button>
      </form>`;
}
