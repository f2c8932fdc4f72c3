/** Drawings in the text's colour. They say nothing that the words beside them do not. */
import { html, type Html } from './html.ts';

/** A holdfast: what keeps kelp on its rock while the sea pulls at it. */
export const logo: Html = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <path d="M16 3v13M16 16c0 5-3 6-5 11M16 16c0 5 3 6 5 11M16 16c-1 4-7 4-10 8M16 16c1 4 7 4 10 8" />
  <path d="M16 12c-5 0-7-3-7-7 4 0 7 2 7 7zM16 9c4 0 6-2 6-6-4 0-6 2-6 6z" />
</svg>`;

const drawing = (content: Html): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${content}</svg>`;

export const icons: Readonly<Record<'computer' | 'phone' | 'program' | 'clock' | 'door' | 'shield', Html>> = {
  computer: drawing(html`<rect x="4" y="5" width="16" height="11" rx="2" /><path d="M2 20h20" />`),
  phone: drawing(html`<rect x="7" y="2.5" width="10" height="19" rx="2.5" /><path d="M11 18.5h2" />`),
  program: drawing(
    html`<rect x="3" y="4" width="18" height="16" rx="2.5" /><path d="m7 9 3 3-3 3M13 15h4" />`,
  ),
  clock: drawing(html`<circle cx="12" cy="12" r="9" /><path d="M12 7v5l3.5 2" />`),
  door: drawing(html`<path d="M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 16l-4-4 4-4M6 12h9" />`),
  shield: drawing(html`<path d="M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z" /><path d="m9 12 2 2 4-4" />`),
};
