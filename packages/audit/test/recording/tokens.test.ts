import { expect, test } from 'vitest';
import { isSurelyIssued } from '../../src/recording/sources.ts';
import { asAda, draft, form, page, pressed, script, SECOND, TOKEN } from '../support/recording.ts';

test('where each form has a token of its own, the one to sign out is sent as a form', () => {
  const two = `<form method=post action=/logout><input type=hidden name=_csrf value="${SECOND}"><button>Sign out</button></form>`;
  const other = `<form method=post action=/basket><input type=hidden name=_csrf value="${TOKEN}"><input name=item><button>Add</button></form>`;
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' }),
    page('GET /account', { answers: `${other}${two}` }),
    pressed('Sign out'),
    page('POST /logout', { body: `_csrf=${SECOND}`, to: '/' }),
  );
  expect(byHttp.signOut).toEqual({ steps: [{ open: '/account', submit: {} }] });
});

test('a script that asks for a token, and gives it back in a header', () => {
  const { byHttp, token, pages } = draft(
    page('GET /', { answers: '<div id=app></div><script src=/app.js></script>' }),
    script('GET /api/csrf', { answers: { data: { token: TOKEN } } }),
    asAda,
    script('POST /api/session', {
      json: { user: 'ada@shop.test', password: 'letmein', remember: true, client: 'web' },
      headers: [
        ['X-CSRF-Token', TOKEN],
        ['sec-ch-ua', 'x'],
        ['Accept', '*/*'],
      ],
      answers: { access: { jwt: SECOND } },
    }),
    script('GET /api/me', { headers: [['Authorization', `Bearer ${SECOND}`]], answers: { name: 'Ada' } }),
    pressed('Log out', '/'),
    script('DELETE /api/session', {
      headers: [
        ['Authorization', `Bearer ${SECOND}`],
        ['X-CSRF-Token', TOKEN],
      ],
    }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [
      { open: '/' },
      { request: 'GET /api/csrf', save: { CSRF_Token: { json: 'data.token' } } },
      {
        request: 'POST /api/session',
        headers: { 'X-CSRF-Token': '${CSRF_Token}' },
        json: { user: '${user}', password: '${password}', remember: true, client: 'web' },
      },
    ],
  });
  expect(token).toBe('access.jwt');
  expect(pages.map(({ pathname }) => pathname)).toEqual(['/api/me']);
  expect(byHttp.signOut).toEqual({
    steps: [
      { open: '/' },
      { request: 'GET /api/csrf', save: { CSRF_Token: { json: 'data.token' } } },
      { request: 'DELETE /api/session', headers: { 'X-CSRF-Token': '${CSRF_Token}' } },
    ],
  });
});

test('the token of the Authorization header is named where it is to end', () => {
  const { byHttp } = draft(
    page('GET /'),
    asAda,
    script('POST /oauth/token', {
      body: 'grant_type=password&username=ada%40shop.test&password=letmein',
      answers: { access_token: SECOND },
    }),
    script('GET /api/me', { headers: [['Authorization', `Bearer ${SECOND}`]], answers: { name: 'Ada' } }),
    pressed('Sign out', '/'),
    script('POST /oauth/revoke', { body: `token=${SECOND}` }),
  );
  expect(byHttp.signOut).toEqual({
    steps: [{ open: '/' }, { request: 'POST /oauth/revoke', form: { token: '${token}' } }],
  });
});

test('a token in the head of the page, or in a cookie that a script reads', () => {
  const shell = `<meta name="csrf-token" content="${TOKEN}"><div id=app></div>`;
  const cookies = [{ name: 'XSRF-TOKEN', value: SECOND }];
  const { byHttp } = draft(
    page('GET /login', { answers: shell }),
    asAda,
    script('POST /login', {
      body: 'mail=ada%40shop.test&pass=letmein',
      headers: [['X-CSRF-TOKEN', TOKEN]],
      answers: {},
    }),
    page('GET /account', { answers: '<p>Hello' }),
    script('POST /logout', { headers: [['X-XSRF-TOKEN', SECOND]], cookies }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [
      { open: '/login', save: { CSRF_TOKEN: { meta: 'csrf-token' } } },
      {
        request: 'POST /login',
        headers: { 'X-CSRF-TOKEN': '${CSRF_TOKEN}' },
        form: { mail: '${user}', pass: '${password}' },
      },
    ],
  });
  expect(byHttp.signOut).toEqual({
    steps: [
      { open: '/account', save: { XSRF_TOKEN: { cookie: 'XSRF-TOKEN' } } },
      { request: 'POST /logout', headers: { 'X-XSRF-TOKEN': '${XSRF_TOKEN}' } },
    ],
  });
});

test('a value that a script has made up is named, and no recipe pretends to know it', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    script('POST /login', { json: { mail: 'ada@shop.test', pass: 'letmein', device: SECOND } }),
    page('GET /account', { answers: '<p>Hello' }),
  );
  expect(byHttp.signIn).toEqual({ why: expect.stringContaining('device') as string });
});

test('a link that has a token in its address is opened with the one that the site gives out then', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' }),
    page('GET /account', { answers: `<form><input type=hidden name=sectok value=${SECOND}></form>` }),
    pressed('Sign out'),
    page(`GET /logout?do=now&sectok=${SECOND}`, { to: '/' }),
  );
  expect(byHttp.signOut).toEqual({
    steps: [
      { open: '/account', save: { sectok: { field: 'sectok' } } },
      { open: '/logout?do=now&sectok=${sectok}' },
    ],
  });
});

test('where nothing but the link itself gives that token out, no recipe pretends to know it', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' }),
    page('GET /account', { answers: `<a href="/logout?sectok=${SECOND}">Sign out</a>` }),
    pressed('Sign out'),
    page(`GET /logout?sectok=${SECOND}`, { to: '/' }),
  );
  expect(byHttp.signOut).toEqual({ why: expect.stringContaining('sectok') as string });
});

test('the identifier of a session is not part of a path', () => {
  const { byHttp } = draft(
    page(`GET /login;jsessionid=${TOKEN}?lang=en`, { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: `_csrf=${TOKEN}&lang=en&mail=ada%40shop.test&pass=letmein`, to: '/account' }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [{ open: '/login?lang=en', submit: { mail: '${user}', pass: '${password}' } }],
  });
});

test('a page whose address has a token is none that tells who is signed in', () => {
  const { pages } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' }),
    page(`GET /account?PHPSESSID=${SECOND}`, { answers: '<p>Hello' }),
    page('GET /orders', { answers: '<p>Hello' }),
  );
  expect(pages.map(({ pathname }) => pathname)).toEqual(['/orders']);
});

test.each([
  ['f3a9c81b2d4e6f7a8b9c0d11', true],
  ['4f0c7f0e-6d5b-4b59-9d8a-0f7c6a1e2b3c', true],
  ['dGhpcyBpcyBhIHRva2Vu8w==', true],
  ['http://localhost:3000/wp-admin/', false],
  ['https://api-v2.shop.example/orders/2026', false],
  ['/account/orders/2026', false],
  ['spring-sale-2026-newsletter', false],
  ['Password1', false],
])('that %s was issued: %s', (value, is) => {
  expect(isSurelyIssued(value)).toBe(is);
});
