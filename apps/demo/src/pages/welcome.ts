/** Home, for somebody who is not signed in. */
import { html } from './html.ts';
import { icons } from './icons.ts';
import { page } from './layout.ts';
import { type Notice, noticeBox } from './notice.ts';

export function welcomePage({ notice }: { notice: Notice | undefined }): string {
  return page({
    title: 'Welcome',
    current: 'home',
    main: html`${noticeBox(notice)}
      <section class="hero">
        <h1>Sessions that hold.</h1>
        <p class="lead">
          A small, real application on Holdfast. Make an account, sign in from two browsers, and watch what a session
          does: what it keeps, when it ends, and that it stays ended.
        </p>
        <p class="actions">
          <a class="button" href="/sign-in">Sign in</a>
          <a class="button quiet" href="/sign-up">Create an account</a>
        </p>
      </section>
      <ul class="features">
        <li class="card">${icons.door}
          <h2>Over means over</h2>
          <p>Sign out, and no copy of the session works anywhere, not even for a request that was still on its way.</p>
        </li>
        <li class="card">${icons.clock}
          <h2>Two clocks</h2>
          <p>One runs while you do nothing, one from the moment you signed in. Both are kept by the server.</p>
        </li>
        <li class="card">${icons.shield}
          <h2>Yours to see</h2>
          <p>Every device you are signed in on, in one list. End one of them, or all the others at once.</p>
        </li>
      </ul>`,
  });
}
