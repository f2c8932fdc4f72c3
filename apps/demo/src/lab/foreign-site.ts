/**
 * The second origin: a site of somebody else, on another port of this machine. Its page holds a form that is aimed at
 * the first one, and it takes whatever a script sends home.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import { html } from '../pages/html.ts';

export interface ForeignSite {
  readonly handler: RequestListener;
  /** What was sent to `/collect`. */
  readonly loot: readonly string[];
}

export interface Aim {
  /** Where the form goes. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const LONGEST_LOOT = 500;
const MOST_LOOT = 10;

/** Its own policy forbids everything but the form: this page is a prop, and must not become a problem of its own. */
const headers = (action: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; form-action ${new URL(action).origin}; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
});

/** @param aimFor what the form is aimed at, for a visitor who came by this host name; nothing to answer where it is undefined */
export function foreignSite(aimFor: (host: string) => Aim | undefined): ForeignSite {
  const loot: string[] = [];
  return {
    loot,
    async handler(req, res) {
      if (req.method === 'POST' && req.url === '/collect') {
        const text = await bodyOf(req);
        if (loot.length < MOST_LOOT) loot.push(text);
        res.writeHead(204).end();
        return;
      }
      const aim = req.method === 'GET' && req.url === '/' ? aimFor(req.headers.host ?? '') : undefined;
      if (!aim) {
        res.writeHead(404).end();
        return;
      }
      res.writeHead(200, headers(aim.action)).end(page(aim));
    },
  };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of req) {
    text += String(part);
    if (text.length > LONGEST_LOOT) break;
  }
  return text.slice(0, LONGEST_LOOT);
}

function page({ action, fields }: Aim): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Another site</title>
  </head>
  <body>
    <main>
      <h1>You have won a prize!</h1>
      <p>This page belongs to somebody else: it stands on another origin of the Holdfast lab.</p>
      <p>
        The button sends a form to <code>${action}</code>, in your name. A real attacker would not wait for you to press
        it. Holdfast should refuse it.
      </p>
      <form method="post" action="${action}">
        ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <button>Collect the prize</button>
      </form>
    </main>
  </body>
</html>
`.toString();
}
