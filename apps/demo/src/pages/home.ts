/** Home, for somebody who is signed in. */
import type { SessionInfo } from 'holdfast';
import type { User } from '../users.ts';
import { type Content, html } from './html.ts';
import { page } from './layout.ts';
import { stayForm } from './countdown.ts';
import { dateAndTime, relativeTime } from './times.ts';

export interface Home {
  readonly user: User;
  readonly info: SessionInfo;
  /** How many sessions the user has, this one included. */
  readonly devices: number;
  readonly now: number;
}

export function homePage({ user, info, devices, now }: Home): string {
  const signedInAt = info.authentications.at(-1)?.at ?? info.createdAt;
  // The nearer of the two: no session outlives its absolute deadline by being used.
  const idleEndsAt = Math.min(info.idleExpiresAt, info.absoluteExpiresAt);
  const lifetime = info.absoluteExpiresAt - signedInAt;
  return page({
    title: 'Home',
    user,
    sessionId: info.id,
    current: 'home',
    main: html`<h1>Hello, ${user.username}</h1>
      <p class="lead">You are signed in. This is the session your browser holds.</p>
      <section class="card session" aria-labelledby="session">
        <h2 id="session">This session</h2>
        <dl class="facts">
          ${fact('Signed in', relativeTime(signedInAt, now), dateAndTime(signedInAt))}
          ${fact('Ends if you do nothing', relativeTime(idleEndsAt, now), dateAndTime(idleEndsAt), true)}
          ${fact('Ends at the latest', relativeTime(info.absoluteExpiresAt, now), dateAndTime(info.absoluteExpiresAt))}
        </dl>
        <label class="life">
          <span>How much of its longest time has passed</span>
          <progress value="${now - signedInAt}" max="${lifetime}" data-from="${signedInAt}"></progress>
        </label>
        <div class="row">
          <p>${info.persistent ? 'It outlives this browser, but not its two limits.' : 'It also ends when you close this browser, where the browser does not restore it.'}</p>
          ${stayForm}
        </div>
      </section>
      <section class="card row" aria-labelledby="devices">
        <div>
          <h2 id="devices">${devices === 1 ? 'Signed in on this device only' : `Signed in on ${devices} devices`}</h2>
          <p>See where, and end what you do not recognise.</p>
        </div>
        <a class="button quiet" href="/sessions">Your sessions</a>
      </section>`,
  });
}

/** @param ends whether it is the end, which moves while the page is open */
function fact(name: string, value: Content, exact: Content, ends = false): Content {
  return html`<div${ends && html` data-ends`}>
            <dt>${name}</dt>
            <dd><strong>${value}</strong> <span class="exact">${exact}</span></dd>
          </div>`;
}
