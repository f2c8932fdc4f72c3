// @ts-check
// What pages do better with a script: times in the reader's time zone, and a warning before the session ends. Nothing
// here is needed; the server decides.

const POLL_EVERY = 30_000;
const POLL_WHEN_WARNED = 5_000;
/** When the time that is left is read out, in seconds. */
const SPOKEN = new Set([30, 10]);

const UNITS = /** @type {const} */ ([
  [86_400_000, 'day', 'd'],
  [3_600_000, 'hour', 'h'],
  [60_000, 'minute', 'min'],
  [1_000, 'second', 's'],
]);

const id = document.documentElement.dataset['session'];
const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector('#countdown'));

/** How far the server's clock is ahead of this one. */
let ahead = 0;
/** @type {{ endsAt: number, warnAt: number, canStay: boolean } | undefined} */
let known;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let nextPoll;
let isOver = false;

const now = () => Date.now() + ahead;

/** A span in words: cut off, never rounded up. @param {number} span */
function words(span) {
  const largest = UNITS.findIndex(([size]) => span >= size);
  const [unit, next] = UNITS.slice(largest);
  if (largest === -1 || !unit) return undefined;
  const [size, name, short] = unit;
  const count = Math.floor(span / size);
  const rest = next && size > 60_000 ? Math.floor((span % size) / next[0]) : 0;
  return next && rest > 0
    ? `${count} ${short} ${rest} ${next[2]}`
    : `${count} ${name}${count === 1 ? '' : 's'}`;
}

function showLocalTimes() {
  for (const time of document.querySelectorAll('time[data-style]')) {
    /** @type {Intl.DateTimeFormatOptions} */
    const exact = { second: '2-digit', timeZoneName: 'short' };
    const format = new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      ...(time.getAttribute('data-style') === 'exact' && exact),
    });
    time.textContent = format.format(new Date(time.getAttribute('datetime') ?? ''));
  }
}

/** Only with the server's clock, which is the one that counts. */
function showSpans() {
  for (const time of document.querySelectorAll('time[data-relative]')) {
    const at = Date.parse(time.getAttribute('datetime') ?? '');
    const span = words(Math.abs(at - now()));
    const text = span === undefined ? 'now' : at > now() ? `in ${span}` : `${span} ago`;
    if (time.textContent !== text) time.textContent = text;
  }
  for (const life of document.querySelectorAll('progress[data-from]')) {
    /** @type {HTMLProgressElement} */ (life).value = now() - Number(life.getAttribute('data-from'));
  }
}

async function poll() {
  clearTimeout(nextPoll);
  if (isOver) return;
  try {
    const answer = await fetch('/session/state', { headers: { accept: 'application/json' } });
    // A server that is in trouble has signed nobody out.
    if (answer.ok) take(await answer.json());
  } catch {
    // Nor has a network that is down.
  }
  if (!isOver) nextPoll = setTimeout(poll, pause());
}

/** Until the server is asked again: as seldom as it may be, and when something is about to happen. */
function pause() {
  if (!known) return POLL_EVERY;
  const left = (now() < known.warnAt ? known.warnAt : known.endsAt) - now();
  return Math.max(1_000, Math.min(left, now() < known.warnAt ? POLL_EVERY : POLL_WHEN_WARNED));
}

/** @param {{ signedIn: boolean, id: string, now: number, endsAt: number, warnAt: number, canStay: boolean }} state */
function take(state) {
  if (!state.signedIn) return showOver();
  if (state.id !== id) return location.reload();
  ahead = state.now - Date.now();
  known = state;
  const endsAt = new Date(state.endsAt).toISOString();
  for (const time of document.querySelectorAll('[data-ends] time')) time.setAttribute('datetime', endsAt);
  showLocalTimes();
  showSpans();
  warn();
}

function warn() {
  if (!dialog || !known) return;
  // Where the password is being given already, there is nothing more to ask for.
  const isAsked = !known.canStay && location.pathname === '/confirm';
  if (now() < known.warnAt || isAsked) {
    if (dialog.open) dialog.close();
    return;
  }
  if (!dialog.open) openDialog(dialog, known.canStay);
  const left = Math.max(0, known.endsAt - now());
  const text = words(left) ?? 'a moment';
  for (const place of dialog.querySelectorAll('[data-left]')) place.textContent = text;
  const spoken = dialog.querySelector('[data-spoken]');
  if (spoken && SPOKEN.has(Math.floor(left / 1_000))) spoken.textContent = `${text} left`;
}

/** @param {HTMLDialogElement} it @param {boolean} canStay */
function openDialog(it, canStay) {
  const here = `${location.pathname}${location.search}`;
  for (const field of it.querySelectorAll('input[name="to"]')) field.setAttribute('value', here);
  const renew = it.querySelector('[data-renew]');
  renew?.setAttribute('href', `/confirm?${new URLSearchParams({ to: here })}`);
  const [text, limit, stay] = ['#countdown-text', '#countdown-limit', '[data-stay]'].map((part) =>
    it.querySelector(part),
  );
  text?.toggleAttribute('hidden', !canStay);
  stay?.toggleAttribute('hidden', !canStay);
  limit?.toggleAttribute('hidden', canStay);
  renew?.toggleAttribute('hidden', canStay);
  it.setAttribute('aria-describedby', canStay ? 'countdown-text' : 'countdown-limit');
  // Modal: the focus goes in, stays in, and comes back to where it was.
  it.showModal();
}

async function keepSession() {
  try {
    await fetch('/session/stay', { method: 'POST', redirect: 'manual' });
  } finally {
    await poll();
  }
}

/** The session is over: what the page shows is its user's, who may be gone. */
function showOver() {
  isOver = true;
  if (dialog?.open) dialog.close();
  const over = /** @type {HTMLTemplateElement | null} */ (document.querySelector('#over'));
  for (const part of document.querySelectorAll('header nav, header .who, dialog')) part.remove();
  const main = document.querySelector('main');
  if (!main || !over) return location.reload();
  main.className = 'narrow';
  main.replaceChildren(over.content.cloneNode(true));
  document.title = 'Signed out · Holdfast';
  document.documentElement.removeAttribute('data-session');
  main.querySelector('h1')?.focus();
}

showLocalTimes();
// A page that the browser had put aside is from before whatever happened since.
addEventListener('pageshow', (event) => event.persisted && location.reload());
if (id !== undefined) {
  setInterval(() => {
    if (!known || isOver) return;
    showSpans();
    warn();
  }, 1_000);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && poll());
  dialog?.querySelector('[data-stay]')?.addEventListener('submit', (event) => {
    event.preventDefault();
    void keepSession();
  });
  dialog?.addEventListener('cancel', (event) => {
    event.preventDefault();
    if (known?.canStay) void keepSession();
  });
  void poll();
}
