/** What a site keeps its sessions with, by what it shows: information for the report, on which no verdict rests. */
import type { Answer } from '../http/message.ts';
import { headersNamed } from '../http/message.ts';
import type { Holding } from '../site/holding.ts';
import { pageOf } from '../site/visitor.ts';
import { ENOUGH, type Sign, type Stack } from './stack.ts';

export interface Seen {
  /** What proves who one is. */
  readonly proof: readonly Holding[];
  /** The names of all cookies. */
  readonly cookies: readonly string[];
  /** The answers to a sign-in. */
  readonly answers: readonly Answer[];
}

export interface Recognised {
  readonly stack: Stack;
  /** What told, in words. */
  readonly because: readonly string[];
}

/** `undefined` where what is seen is not enough for any. */
export function recognise(seen: Seen, stacks: readonly Stack[]): Recognised | undefined {
  let best: (Recognised & { weight: number }) | undefined;
  for (const stack of stacks) {
    const told = stack.signs.flatMap((sign) => {
      const because = findSign(sign, seen);
      return because === undefined ? [] : [{ because, weight: sign.weighs }];
    });
    const weight = told.reduce((sum, each) => sum + each.weight, 0);
    if (weight < ENOUGH || weight <= (best?.weight ?? 0)) continue;
    best = { stack, weight, because: told.map(({ because }) => because) };
  }
  return best && { stack: best.stack, because: best.because };
}

/** What a sign was found by; never a value, which may be a secret. */
function findSign(sign: Sign, { proof, cookies, answers }: Seen): string | undefined {
  if ('proofName' in sign) {
    const found = proof.find(
      (it) => it.kind === 'cookie' && sign.proofName.test(withoutPrefix(it.cookie.name)),
    );
    return found && `the name of the ${found.key}`;
  }
  if ('proofValue' in sign) {
    const found = proof.find(({ value }) => sign.proofValue.test(value));
    return found && `the form of the ${found.key}`;
  }
  if ('cookieName' in sign) {
    const name = cookies.find((it) => sign.cookieName.test(withoutPrefix(it)));
    return name === undefined ? undefined : `a cookie ${name}`;
  }
  if ('header' in sign) {
    const isThere = answers.some(({ headers }) =>
      headersNamed(headers, sign.header).some((value) => sign.like.test(value)),
    );
    return isThere ? `the header ${sign.header}` : undefined;
  }
  if ('field' in sign) {
    const field = answers
      .flatMap((answer) => pageOf(answer).forms)
      .flatMap(({ fields }) => fields)
      .find(({ name }) => sign.field.test(name));
    return field && `a field ${field.name}`;
  }
  const answer = answers.find(({ request }) => sign.path.test(request.url.pathname));
  return answer && `the address ${answer.request.url.pathname}`;
}

function withoutPrefix(name: string): string {
  return name.replace(/^__(?:Host|Secure)-/i, '');
}
