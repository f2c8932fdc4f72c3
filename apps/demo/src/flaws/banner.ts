/** Says on every page what is wrong with it. */
import type { RequestHandler } from 'express';
import { html } from '../pages/html.ts';

export function banner(lines: readonly string[]): RequestHandler {
  const box = html`<aside class="flaws" aria-label="Switched off">
      <strong>Not safe, on purpose.</strong> Switched off here:
      <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
    </aside>`.toString();
  return (_req, res, next) => {
    const send = res.send.bind(res);
    res.send = (body?: unknown) =>
      send(typeof body === 'string' ? body.replace(/<body[^>]*>/, (tag) => `${tag}\n    ${box}`) : body);
    next();
  };
}
