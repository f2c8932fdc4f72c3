/** What a page needs to watch over its session: where it is known, and the words for its end. */
import { type Content, html } from './html.ts';

/**
 * Closed until the script opens it; without script the same button stands on the home page. Escape stays too: whoever
 * presses a key is there.
 */
export const countdownDialog: Content = html`<dialog id="countdown" role="alertdialog" aria-labelledby="countdown-title"
      aria-describedby="countdown-text">
      <h2 id="countdown-title">Are you still there?</h2>
      <p id="countdown-text">You will be signed out in <strong data-left>1 minute</strong>, because nothing has happened
        for a while.</p>
      <p id="countdown-limit" hidden>You will be signed out in <strong data-left>1 minute</strong>, because the session
        has reached its longest time. With your password it goes on.</p>
      <div class="actions">
        <form method="post" action="/session/stay" data-stay><input type="hidden" name="to" value="/" />
          <button>Stay signed in</button></form>
        <a class="button" href="/confirm" data-renew hidden>Give the password</a>
        <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
      </div>
      <p class="hidden" role="status" data-spoken></p>
    </dialog>
    <template id="over">
      <div class="emblem"></div>
      <h1 tabindex="-1">You are signed out</h1>
      <p class="lead">This session has ended: its time was up, or it was ended in another window or on another device.
        What this page showed is hidden.</p>
      <p><a class="button" href="/sign-in">Sign in</a></p>
    </template>`;

/** For the home page, with and without script. */
export const stayForm: Content = html`<form method="post" action="/session/stay">
          <input type="hidden" name="to" value="/" />
          <button class="button quiet">Stay signed in</button>
        </form>`;
