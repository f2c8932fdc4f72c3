/** Every session of a user, and the buttons that end them. */
import type { SessionInfo } from 'holdfast';
import { describeUserAgent } from '../user-agent.ts';
import type { User } from '../users.ts';
import { type Content, html } from './html.ts';
import { icons } from './icons.ts';
import { page } from './layout.ts';
import { type Notice, noticeBox } from './notice.ts';
import { relativeTime, shortDateAndTime } from './times.ts';

export interface SessionList {
  readonly user: User;
  readonly list: readonly SessionInfo[];
  readonly currentId: string | undefined;
  readonly now: number;
  readonly notice: Notice | undefined;
}

export function sessionsPage({ user, list, currentId, now, notice }: SessionList): string {
  const current = list.filter(({ id }) => id === currentId);
  const others = list.filter(({ id }) => id !== currentId);
  return page({
    title: 'Your sessions',
    user,
    sessionId: currentId,
    current: 'sessions',
    main: html`${noticeBox(notice)}
      <h1>Your sessions</h1>
      <p class="lead">Everywhere you are signed in. End what you do not recognise.</p>
      <div class="section-head"><h2>This device</h2></div>
      <ul class="sessions">${current.map((info) => entry(info, now, true))}</ul>
      <div class="section-head">
        <h2>Other devices</h2>
        ${
          others.length > 0 &&
          html`<form method="post" action="/sessions/end-others"><button class="button danger">End all others</button></form>`
        }
      </div>
      ${
        others.length === 0
          ? html`<p class="card empty">You are signed in nowhere else.</p>`
          : html`<ul class="sessions">${others.map((info) => entry(info, now, false))}</ul>`
      }`,
  });
}

function entry(info: SessionInfo, now: number, isCurrent: boolean): Content {
  const { name, kind } = describeUserAgent(info.client.userAgent);
  const label = `name-${info.id}`;
  return html`
        <li class="card session-entry"${isCurrent && html` data-current`}>
          ${icons[kind]}
          <div class="what">
            <h3 id="${label}">${name}${isCurrent && html` <span class="badge">this session</span>`}</h3>
            <dl>
              <div><dt>Address</dt><dd>${info.client.ip ?? 'unknown'}</dd></div>
              <div><dt>First seen</dt><dd>${shortDateAndTime(info.createdAt)}</dd></div>
              <div><dt>Last seen</dt><dd>${isCurrent ? 'now' : relativeTime(info.lastSeenAt, now)}</dd></div>
            </dl>
          </div>
          <form method="post" action="/sessions/${info.id}/end">
            <button class="button quiet" aria-describedby="${label}">${isCurrent ? 'Sign out' : 'End'}</button>
          </form>
        </li>`;
}
