/** Pages for what goes wrong. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HoldfastError, type HoldfastErrorCode } from 'holdfast';
import { type Problem, problemPage } from './pages/problem.ts';
import { relative } from './pages/times.ts';
import { TooManyPasswords } from './password-attempts.ts';

export const notFound: RequestHandler = (_req, res) => {
  res.status(404).send(
    problemPage({
      title: 'There is no such page',
      text: 'It may have moved, or the address has a slip in it.',
    }),
  );
};

/** Ends every request that failed. What an error says stays here: it may quote what was sent. */
export const answerProblems: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, ...problem } = describe(error);
  if (status === 500) console.error(error);
  if (status === 503) res.set('Retry-After', '5');
  if (error instanceof TooManyPasswords) res.set('Retry-After', String(error.retryAfter));
  // A failed answer is no more to be kept than a good one.
  res.set('Cache-Control', 'no-store').status(status).send(problemPage(problem));
};

function describe(error: unknown): Problem & { status: number } {
  if (error instanceof HoldfastError) return SESSION_PROBLEMS[error.code];
  if (error instanceof TooManyPasswords) return tooManyPasswords(error);
  const { status } = error as { status?: unknown };
  return (typeof status === 'number' && REQUEST_PROBLEMS[status]) || FAILED;
}

const FAILED = {
  status: 500,
  title: 'Something went wrong here',
  text: 'It is not your fault, and what happened has been noted. Try again in a moment.',
};

function tooManyPasswords({ retryAfter }: TooManyPasswords): Problem & { status: number } {
  // Rounded up: who comes back when we say so must not be refused again.
  const minutes = Math.ceil(retryAfter / 60);
  return {
    status: 429,
    title: 'Too many wrong passwords',
    text: `They came from your address, so none is looked at from there for now, not even the right one. Try again ${relative(minutes * 60_000, 0)}. Where you are signed in, you stay so.`,
  };
}

const SESSION_PROBLEMS: Readonly<Record<HoldfastErrorCode, Problem & { status: number }>> = {
  store_unavailable: {
    status: 503,
    title: 'Your session can not be reached right now',
    text: 'You have not been signed out. Try again in a moment.',
  },
  session_changed: {
    status: 409,
    title: 'Your session changed meanwhile',
    text: 'It ended, or you signed in again in another tab, while this was running. Nothing was saved.',
  },
  reauthentication_required: {
    status: 401,
    title: 'Sign in to go on',
    text: 'This needs somebody who is signed in.',
  },
  csrf_rejected: { status: 403, title: 'This request came from another site', text: 'Nothing was changed.' },
  headers_sent: FAILED,
};

/** What the framework and its body parser refuse. */
const REQUEST_PROBLEMS: Readonly<Record<number, Problem & { status: number }>> = {
  400: {
    status: 400,
    title: 'That request can not be read',
    text: 'The address or the form has a slip in it.',
  },
  413: { status: 413, title: 'That is too much at once', text: 'The form is longer than any of ours.' },
  415: { status: 415, title: 'That is no form', text: 'Its encoding is not one that forms have.' },
};
