import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer, Headers } from '../../src/http/message.ts';
import { deriveTest } from '../../src/site/signed-in-test.ts';

const PAGE = new URL('https://shop.test/account');

function answer(status: number, body: string, headers: Headers = [['Content-Type', 'text/html']]): Answer {
  return {
    request: { method: 'GET', url: PAGE, headers: [] },
    status,
    headers,
    body,
    isCut: false,
    number: 1,
  };
}

const toLogin = (): Answer => answer(302, '', [['Location', '/login']]);

/** A page in which everything moves: the time, a counter, a nonce, a token in a form, an advertisement. */
function moving(who: string, n: number): Answer {
  const token = `${n}f3a9c81b2d4e6f7a8b9c0d${n}e1f2`;
  return answer(
    200,
    `<title>Shop</title><p>It is ${n}:4${n % 10} on Monday, ${n} August.</p><script nonce="${token}">track(${n})</script>
     <form action="/search;v=${n}"><input type=hidden name=csrf value="${token}"></form>
     <p>${who === '' ? 'Please sign in' : `Hello, ${who}`}</p><p>${n} visitors</p>`,
  );
}

test('on a page where everything moves, the words that matter are found', () => {
  const derived = deriveTest({
    page: PAGE,
    signedIn: [moving('ada', 1), moving('ada', 22), moving('ada', 333)],
    anonymous: [moving('', 4), moving('', 55), moving('', 666)],
  });
  fc.assert(
    fc.property(fc.nat(99_999), (n) => {
      expect(derived?.test.judge(moving('ada', n))).toBe('in');
      expect(derived?.test.judge(moving('', n))).toBe('out');
    }),
  );
});

test('a page that is the same for everybody tells nothing', () => {
  const same = [moving('', 1), moving('', 2), moving('', 3)];
  expect(deriveTest({ page: PAGE, signedIn: same, anonymous: same })).toBeUndefined();
});

test('a page that fails for who is signed in tells nothing', () => {
  const broken = [answer(500, 'x'), answer(500, 'x'), answer(500, 'x')];
  expect(
    deriveTest({ page: PAGE, signedIn: broken, anonymous: [toLogin(), toLogin(), toLogin()] }),
  ).toBeUndefined();
});

const derived = deriveTest({
  page: PAGE,
  signedIn: [moving('ada', 1), moving('ada', 2), moving('ada', 3)],
  anonymous: [toLogin(), toLogin(), toLogin()],
});

test.each([
  ['the page itself', moving('ada', 9), 'in'],
  ['the redirect of strangers', toLogin(), 'out'],
  ['a redirect to somewhere else', answer(302, '', [['Location', '/ended']]), 'out'],
  ['a refusal', answer(401, '<p>Your session has ended</p>'), 'out'],
  ['the same address with other words', answer(200, '<p>Your session has ended</p>'), 'out'],
  ['a fault', answer(503, '<p>Hello, ada</p>'), 'unclear'],
  ['a limit that was reached', answer(429, ''), 'unclear'],
] as const)('%s is judged', (_name, given, expected) => {
  expect(derived?.test.judge(given)).toBe(expected);
});

test('whatever is answered, judging ends, and an answer without a word of the page is never “in”', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 599 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      (status, body) => {
        expect(derived?.test.judge(answer(status, body))).not.toBe('in');
      },
    ),
  );
});
