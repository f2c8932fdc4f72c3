import { describe, expect, test } from 'vitest';
import { signInByHand } from '../../src/recording/clicks.ts';
import { sentAgain } from '../../src/recording/hosts.ts';
import type { Moment } from '../../src/recording/moments.ts';
import { secretsTyped } from '../../src/recording/secrets.ts';
import { writeRecipe } from '../../src/recording/write.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { asAda, draft, form, page, pressed, script, TARGET, TOKEN, typed } from '../support/recording.ts';

const PIN = typed('pin', '4711', true);
const start = page('GET /login', { answers: form(TOKEN) });

describe('beside a PIN, the password is the one that is called so', () => {
  test.each<readonly [string, Moment, string]>([
    ['of a form', page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein&pin=4711' }), 'pin'],
    [
      'of a script',
      script('POST /in', { json: { mail: 'ada@shop.test', pass: 'letmein', pin: '4711' } }),
      'pin',
    ],
    [
      'as a number',
      script('POST /in', { json: { mail: 'ada@shop.test', pass: 'letmein', pin: 4711 } }),
      'pin',
    ],
    ['of one time', page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein&nonce=4711' }), 'nonce'],
    ['in an address', page('GET /login?mail=ada%40shop.test&pass=letmein&pin=4711'), 'pin'],
  ])('%s, and neither is written down', (_of, sent, name) => {
    for (const typing of [
      [...asAda.slice(0, 2), PIN],
      [PIN, ...asAda],
    ]) {
      const found = draft(start, typing, sent);
      expect(found.account).toEqual({ user: 'ada@shop.test', password: 'letmein' });
      expect(found.byHttp.signIn).toEqual({ why: expect.stringContaining(name) as string });
      expect(JSON.stringify(sentAgain(found))).not.toMatch(/letmein|4711/);
    }
  });

  test('or was typed first, where neither is', () => {
    const typing = [typed('who', 'ada'), typed('first', 'letmein', true), typed('second', '4711', true)];
    const sent = page('POST /login', { body: 'who=ada&first=letmein&second=4711' });
    expect(draft(start, typing, sent).account.password).toBe('letmein');
  });

  test('though the PIN is asked for on the next page', () => {
    const found = draft(
      start,
      asAda,
      page('POST /login', {
        body: 'mail=ada%40shop.test&pass=letmein',
        answers: '<form method=post action=/pin>',
      }),
      PIN,
      page('POST /pin', { body: 'pin=4711', to: '/account' }),
      page('GET /account', { answers: '<p>Hello' }),
    );
    expect(found.account.password).toBe('letmein');
    expect(JSON.stringify(sentAgain(found))).not.toMatch(/letmein|4711/);
  });
});

test('a form that sends by GET has the password in its address, and the recipe its name', () => {
  const { byHttp, pages } = draft(
    start,
    asAda,
    page('GET /login?mail=ada%40shop.test&pass=letmein&stay=on', { answers: '<p>Hello' }),
    page('GET /account?as=ada%3aletmein', { answers: '<p>Hello' }),
    page('GET /account', { answers: '<p>Hello' }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [{ open: '/login?mail=${user}&pass=${password}&stay=on' }],
  });
  expect(pages.map(({ href }) => href)).toEqual(['https://shop.test/account']);
});

test('one that was mistyped is not in the address that is opened in Chromium', () => {
  const address = new URL('/login?mail=ada%40shop.test&pass=letmeout&lang=en', TARGET);
  const again: Moment = { kind: 'typed', page: address, field: 'pass', value: 'letmein', isSecret: true };
  const { story } = draft(
    start,
    typed('pass', 'letmeout', true),
    page(`GET ${address.href}`, { answers: form(TOKEN) }),
    again,
    page('GET /login?pass=letmein', { answers: '<p>Hello' }),
  );
  expect(signInByHand(story, TARGET)).toMatchObject({ browser: '/login?mail=ada%40shop.test&lang=en' });
});

test.each([
  [
    'in a path',
    script('POST /login/letmein', { json: { mail: 'ada@shop.test', pass: 'letmein' } }),
    'address',
  ],
  ['in base64', script('POST /login', { json: { pass: 'letmein', log: btoa('ada:letmein') } }), 'log'],
  ['with no name', script('POST /login?pass=letmein', { body: 'letmein' }), 'no name'],
])('what has the password in it %s is named, and not sent again', (_where, sent, says) => {
  const { byHttp } = draft(start, asAda, sent);
  expect(byHttp.signIn).toEqual({ why: expect.stringContaining(says) as string });
});

test('what is typed letter by letter is one secret, and one that was mistyped another', () => {
  const letters = (text: string): Moment[] =>
    Array.from(text, (_, index) => typed('pass', text.slice(0, index + 1), true));
  const moments = [
    ...letters('letmeout'),
    script('POST /poll?page=1', { answers: {} }),
    pressed('Sign in', '/login'),
    page('GET /login?failed=1'),
    ...letters('1etme'),
    pressed('Show', '/login'),
    page('GET /advertisement'),
    ...letters('1etmein').slice(5),
  ];
  expect(secretsTyped(moments).map(({ value }) => value)).toEqual(['letmeout', '1etmein']);
});

test('what a script was sent while it was typed is a secret by then', () => {
  const moments = [
    typed('pass', 'letmei', true),
    script('POST /strength', { json: { of: 'letmei' } }),
    typed('pass', 'letmein', true),
  ];
  expect(secretsTyped(moments).map(({ value }) => value)).toEqual(['letmei', 'letmein']);
});

describe('the last look', () => {
  test.each<readonly [string, Recipe]>([
    ['as it is', { signIn: [{ open: '/login', submit: { pass: 'let me+in!' } }] }],
    ['in a longer text', { signIn: [{ request: 'POST /in', json: { all: ['ada let me+in!'] } }] }],
    ['in an address', { signIn: [{ open: '/login?pass=let+me%2bin%21' }] }],
    ['of a page', { signedIn: { page: '/login?pass=let%20me%2Bin!' } }],
    ['in base64', { signIn: [{ request: 'POST /in', headers: { X: btoa('ada:let me+in!') } }] }],
    ['as a name of nothing', { signIn: [{ request: 'POST /in', form: { 'let me+in!': '' } }] }],
    ['where it is short', { signIn: [{ open: '/login?pin=4711' }] }],
    ['as a number', { signIn: [{ request: 'POST /in', json: { pin: 4711 } }] }],
  ])('finds a secret %s, and nothing is written', (_how, recipe) => {
    expect(() => writeRecipe(recipe, [], ['let me+in!', '4711'])).toThrow(/nothing is written/);
  });

  test('lets pass what only names it', () => {
    const recipe = {
      signIn: [{ open: '/login/47110', submit: { password: '${password}', user: '${user}' } }],
    };
    expect(writeRecipe(recipe, [], ['password', '4711'])).toContain('password: ${password}');
  });
});
