/** Refuses what another site makes a browser send, on every route there is: the sign-in form too (CSRF-20). */
import type { RequestHandler } from 'express';
import { csrfProtection } from 'holdfast/csrf';
import { problemPage } from './pages/problem.ts';

export function refuseCrossSite(): RequestHandler {
  const { check } = csrfProtection();
  return (req, res, next) => {
    const headers = { get: (name: string) => req.get(name) };
    if (check({ method: req.method, headers }).isAllowed) return next();
    res.status(403).send(
      problemPage({
        title: 'This request came from another site',
        text: 'Nothing was changed. If you pressed a button here, open the page again and try once more.',
      }),
    );
  };
}
