/** Answers that are held by two: an application, and one that it is mounted in. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { HttpProblem } from '../../src/adapters/http.ts';
import { type Commit, holdResponse } from '../../src/adapters/response-hold.ts';

const OUTCOMES = ['sends', 'sends late', 'replaces', 'replaces late'] as const;

function commitOf(outcome: (typeof OUTCOMES)[number], name: string): Commit {
  const problem: HttpProblem = { status: 503, headers: { 'x-by': name }, body: `not now, says ${name}` };
  const instead = outcome.startsWith('replaces') ? problem : undefined;
  return {
    commit: () =>
      outcome.endsWith('late') ? new Promise((done) => setImmediate(() => done(instead))) : instead,
  };
}

/** What a browser sees, and what the response has said to the handler in the end. */
async function answerOf(handle: (res: ServerResponse) => void) {
  const said: boolean[] = [];
  const server = createServer((_req, res) => {
    res.setHeader('X-Before', '1');
    res.once('close', () => said.push(res.headersSent, res.writableEnded));
    handle(res);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`);
    const { status, headers } = response;
    return {
      status,
      by: headers.get('x-by'),
      before: headers.get('x-before'),
      text: await response.text(),
      said,
    };
  } finally {
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  }
}

for (const outer of OUTCOMES) {
  for (const inner of OUTCOMES) {
    test(`the outer ${outer}, the inner ${inner}: one whole answer`, async () => {
      const answer = await answerOf((res) => {
        holdResponse(res, commitOf(outer, 'outer'));
        holdResponse(res, commitOf(inner, 'inner'));
        res.setHeader('X-By', 'handler');
        res.write('all ');
        res.end('is well');
      });
      const by = outer.startsWith('replaces') ? 'outer' : inner.startsWith('replaces') ? 'inner' : undefined;
      expect(answer).toEqual({
        ...(by
          ? { status: 503, by, text: `not now, says ${by}` }
          : { status: 200, by: 'handler', text: 'all is well' }),
        before: '1',
        said: [true, true],
      });
    });
  }
}

test('what is derived from a held response says the same as the response', async () => {
  const said: boolean[] = [];
  await answerOf((res) => {
    holdResponse(res, commitOf('sends late', 'outer'));
    const derived = Object.create(res) as ServerResponse;
    res.write('x');
    res.once('drain', () => {
      said.push(derived.headersSent, derived.writableEnded);
      res.end();
    });
  });
  expect(said).toEqual([true, false]);
});
