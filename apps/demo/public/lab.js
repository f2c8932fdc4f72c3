// Runs an experiment without leaving the page. Without script the same form does the same, with a page of its own.
const form = document.querySelector('[data-lab-run]');
const status = document.querySelector('[data-lab-status]');

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  // Not `disabled`, which would take the focus away.
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  status.textContent = 'Attacking both shops …';
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      // What went wrong comes as a page too, and is taken out of it.
      headers: { accept: 'text/html' },
      body: new URLSearchParams(new FormData(form)),
    });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const result = page.querySelector('#result');
    if (!answer.ok || !result) throw new Error(page.querySelector('main p')?.textContent ?? '');
    document.querySelector('#result').replaceWith(result);
    button.textContent = 'Run it again';
    const verdicts = [...result.querySelectorAll('[data-target]')].map(
      (side) =>
        `${side.querySelector('.lab-target').firstChild.textContent.trim()}: ${side.querySelector('h3').textContent.trim()}`,
    );
    status.textContent = '';
    result.setAttribute('aria-describedby', 'lab-verdicts');
    announce(result, verdicts.join(' '));
    result.focus({ preventScroll: true });
    const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
    result.scrollIntoView({ behavior: isQuiet ? 'auto' : 'smooth', block: 'start' });
  } catch (error) {
    status.textContent = error.message || 'That did not work. Try again in a moment.';
  } finally {
    button.removeAttribute('aria-disabled');
  }
});

/** What a screen reader says when the focus arrives at the result. */
function announce(result, text) {
  const verdicts = document.createElement('p');
  verdicts.id = 'lab-verdicts';
  verdicts.className = 'hidden';
  verdicts.textContent = text;
  result.append(verdicts);
}

// What this page's own scripts can see of the cookies.
const seen = document.querySelector('[data-lab-cookies]');
if (seen) {
  const readable = document.cookie;
  // A cookie without HttpOnly, made here and gone at once: this is what a script sees of such a one.
  document.cookie = 'lab-without-httponly=harmless; Path=/lab; SameSite=Strict';
  const naive = document.cookie;
  document.cookie = 'lab-without-httponly=; Path=/lab; SameSite=Strict; Max-Age=0';
  seen.querySelector('[data-lab-cookies-own]').textContent = readable === '' ? '(nothing)' : readable;
  seen.querySelector('[data-lab-cookies-naive]').textContent = naive === '' ? '(nothing)' : naive;
  seen.hidden = false;
}
