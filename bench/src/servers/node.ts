/** `node:http`. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { bare } from './bare.ts';
import { act, type Actions, type Libraries, routeOf } from './server.ts';

function listener(actions: Actions<IncomingMessage, ServerResponse>): RequestListener {
  return (req, res) => {
    const route = routeOf(req.method, req.url);
    if (!route) {
      res.writeHead(404).end();
      return;
    }
    const text = act(actions, req, res, route);
    if (typeof text === 'string') answer(res, text);
    else {
      text.then(
        (late) => answer(res, late),
        (error: unknown) => res.writeHead(500).end(String(error)),
      );
    }
  };
}

function answer(res: ServerResponse, text: string): void {
  res.setHeader('Content-Type', 'text/plain; charset=utf-8');
  res.end(text);
}

export const libraries: Libraries = {
  bare: async () => ({ server: createServer(listener(bare)) }),
  async 'by-hand'(place) {
    const { byHand } = await import('./by-hand.ts');
    const actions = await byHand<IncomingMessage, ServerResponse>(place, {
      cookieOf: (req) => req.headers.cookie,
      setCookie: (res, value) => void res.setHeader('Set-Cookie', value),
    });
    return { server: createServer(listener(actions)) };
  },
  async holdfast(place) {
    const { holdfast, onHoldfast } = await import('./holdfast.ts');
    const { nodeSessions } = await import('holdfast/node');
    const { sessions, fill } = await holdfast(place);
    const { withSession, sessionOf } = nodeSessions(sessions);
    return { server: createServer(withSession(listener(onHoldfast(sessionOf)))), fill };
  },
};
