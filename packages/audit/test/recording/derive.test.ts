import { expect, test } from 'vitest';
import type { Headers } from '../../src/http/message.ts';
import { type Draft, draftOf } from '../../src/recording/draft.ts';
import { hostsToTry, sentAgain, withHosts } from '../../src/recording/hosts.ts';
import type { Exchanged, Moment } from '../../src/recording/moments.ts';

const TARGET = new URL('https://shop.test/');
const TOKEN = 'f3a9c81b2d4e6f7a8b9c0d11';
const SECOND = '0d9e8f7a6b5c4d3e2f1a0b99';

interface Sent {
  readonly body?: string;
  readonly json?: unknown;
  readonly headers?: Headers;
  readonly answers?: string | object;
  readonly to?: string;
  readonly cookies?: Exchanged['cookies'];
}

function sent(isPage: boolean, line: string, told: Sent): Exchanged {
  const [method = '', path = ''] = line.split(' ');
  const { body, json, headers = [], answers = '', to, cookies = [] } = told;
  const isForm = json === undefined;
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = isForm ? body : JSON.stringify(json);
  return {
    kind: 'exchanged',
    isPage,
    cookies,
    answer: {
      request: {
        method,
        url: new URL(path, TARGET),
        headers: [...headers, ...(text === undefined ? [] : [['Content-Type', type] as const])],
        ...(text !== undefined && { body: text }),
      },
      status: to === undefined ? 200 : 303,
      headers:
        to === undefined
          ? [['Content-Type', typeof answers === 'string' ? 'text/html' : 'application/json']]
          : [['Location', to]],
      body: typeof answers === 'string' ? answers : JSON.stringify(answers),
      isCut: false,
      number: 0,
    },
  };
}

const page = (line: string, told: Sent = {}): Moment => sent(true, line, told);
const script = (line: string, told: Sent = {}): Moment => sent(false, line, told);
const typed = (field: string, value: string, isSecret = false): Moment => ({
  kind: 'typed',
  page: new URL('/login', TARGET),
  field,
  value,
  isSecret,
});
const pressed = (text: string, path = '/account'): Moment => ({
  kind: 'pressed',
  page: new URL(path, TARGET),
  text,
});
const asAda = [typed('mail', 'ada@shop.test'), typed('pass', 'letmein', true), pressed('Sign in', '/login')];

function draft(...moments: readonly (Moment | readonly Moment[])[]): Draft {
  const found = draftOf(moments.flat(), TARGET);
  if (!found) throw new Error('somebody signed in');
  return found;
}

const form = (token: string): string =>
  `<form action=/search><input name=q></form>
   <form method=post action=/login><input type=hidden name=_csrf value="${token}"><input type=hidden name=lang value=en>
   <input name=mail><input type=password name=pass><input type=checkbox name=stay><button>Sign in</button></form>`;
const account = (token: string): string =>
  `<form method=post action=/basket><input name=item><input type=hidden name=_csrf value="${token}"></form>
   <form method=post action=/logout><input type=hidden name=_csrf value="${token}"><button>Sign out</button></form>`;

test('a form is sent with what was typed, and its hidden fields are left to the page', () => {
  const body = `_csrf=${TOKEN}&lang=en&mail=ada%40shop.test&pass=letmein&stay=on`;
  const { byHttp, account: who } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body, to: '/account' }),
    page('GET /account', { answers: account(SECOND) }),
    pressed('Sign out'),
    page('POST /logout', { body: `_csrf=${SECOND}`, to: '/' }),
    page('GET /'),
  );
  expect(who).toEqual({ user: 'ada@shop.test', password: 'letmein' });
  expect(byHttp.signIn).toEqual({
    steps: [{ open: '/login', submit: { mail: '${user}', pass: '${password}', stay: 'on' } }],
  });
  expect(byHttp.signOut).toEqual({
    steps: [
      { open: '/account', save: { csrf: { field: '_csrf' } } },
      { request: 'POST /logout', form: { _csrf: '${csrf}' } },
    ],
  });
});

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

test('who mistypes the password signs in once', () => {
  const { byHttp, account: who } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    typed('mail', 'ada@shop.test'),
    typed('pass', 'letmeout', true),
    page('POST /login', {
      body: `_csrf=${TOKEN}&lang=en&mail=ada%40shop.test&pass=letmeout`,
      answers: form(SECOND),
    }),
    typed('pass', 'letmein', true),
    page('POST /login', {
      body: `_csrf=${SECOND}&lang=en&mail=ada%40shop.test&pass=letmein`,
      to: '/account',
    }),
    page('GET /account', { answers: account(SECOND) }),
  );
  expect(who.password).toBe('letmein');
  expect(byHttp.signIn).toEqual({
    steps: [{ open: '/login', submit: { mail: '${user}', pass: '${password}' } }],
  });
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

test('where the name is the password, each is still called what it is', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    typed('mail', 'admin'),
    typed('pass', 'admin', true),
    page('POST /login', { body: `_csrf=${TOKEN}&lang=en&mail=admin&pass=admin`, to: '/account' }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [{ open: '/login', submit: { mail: '${user}', pass: '${password}' } }],
  });
});

test('hosts that a step speaks to are named, those beside the own one where a page may ask them, and no stranger', () => {
  const found = draft(
    page('GET /'),
    script('GET https://ads.elsewhere.example/who.json', { answers: { id: TOKEN } }),
    script('GET https://flags.shop.test/flags', { answers: {} }),
    asAda,
    script('POST https://api.shop.test/enter', { json: { mail: 'ada@shop.test', pass: 'letmein' } }),
    script('GET https://api.shop.test/me', { answers: { name: 'Ada' } }),
  );
  expect(hostsToTry(found, TARGET)).toEqual(['api.shop.test', 'flags.shop.test']);
  expect(withHosts(sentAgain(found), found, TARGET)).toEqual({
    hosts: ['api.shop.test'],
    signIn: [
      { open: '/' },
      {
        request: 'POST https://api.shop.test/enter',
        json: { mail: '${user}', pass: '${password}' },
      },
    ],
  });
});

test.each([
  ['https://www.shop.example/', 'https://api.shop.example/x', ['api.shop.example']],
  ['https://shop.co.uk/', 'https://ads.co.uk/x', []],
  ['https://shop.co.uk/', 'https://api.shop.co.uk/x', ['api.shop.co.uk']],
  ['http://localhost:5173/', 'http://localhost:3000/x', ['localhost:3000']],
  ['http://10.0.0.7/', 'http://10.0.0.8/x', []],
])('beside %s, %s is asked for %j', (target, other, hosts) => {
  const moments = [page(`GET ${target}`), script(`GET ${other}`, { answers: {} }), ...asAda];
  const found = draftOf(moments, new URL(target));
  expect(found && hostsToTry(found, new URL(target))).toEqual(hosts);
});

test('nothing is written down that has the password in it', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    script('POST /login', { json: { mail: 'ada@shop.test', pass: 'letmein', log: 'ada:letmein' } }),
  );
  expect(byHttp.signIn).toEqual({ why: expect.stringContaining('log') as string });
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

test('the name first, and the password on the page that answers it', () => {
  const next = `<form method=post action=/password><input type=hidden name=flow value="${SECOND}"><input type=password name=pass></form>`;
  const { byHttp } = draft(
    page('GET /login', { answers: '<form method=post action=/name><input name=mail></form>' }),
    typed('mail', 'ada@shop.test'),
    page('POST /name', { body: 'mail=ada%40shop.test', answers: next }),
    typed('pass', 'letmein', true),
    page('POST /password', { body: `flow=${SECOND}&pass=letmein`, to: '/account' }),
    page('GET /account', { answers: '<p>Hello' }),
  );
  expect(byHttp.signIn).toEqual({
    steps: [
      { open: '/login', submit: { mail: '${user}' }, save: { flow: { field: 'flow' } } },
      { request: 'POST /password', form: { flow: '${flow}', pass: '${password}' } },
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

test('where no request has the password as it was typed, it is said', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    script('POST /login', { json: { mail: 'ada@shop.test', proof: SECOND } }),
    page('GET /account', { answers: '<p>Hello' }),
  );
  expect(byHttp.signIn).toEqual({ why: expect.stringContaining('password') as string });
});

test('a sign-out by a link, found by what stood on it', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' }),
    page('GET /account', { answers: '<a href=/bye>Sign out</a>' }),
    pressed('Sign out'),
    page('GET /bye', { to: '/' }),
    page('GET /'),
  );
  expect(byHttp.signOut).toEqual({ steps: [{ open: '/bye' }] });
});

test('who goes away without signing out has recorded no sign-out, and who never signs in nothing', () => {
  const opened = page('GET /login', { answers: form(TOKEN) });
  const entered = page('POST /login', { body: 'mail=ada%40shop.test&pass=letmein', to: '/account' });
  expect(draft(opened, asAda, entered, page('GET /account')).byHttp.signOut).toBeUndefined();
  expect(draftOf([opened], TARGET)).toBeUndefined();
});
