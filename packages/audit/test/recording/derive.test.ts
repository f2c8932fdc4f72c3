import { expect, test } from 'vitest';
import {
  account,
  asAda,
  draft,
  form,
  page,
  pressed,
  script,
  SECOND,
  TOKEN,
  typed,
} from '../support/recording.ts';

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

test('nothing is written down that has the password in it', () => {
  const { byHttp } = draft(
    page('GET /login', { answers: form(TOKEN) }),
    asAda,
    script('POST /login', { json: { mail: 'ada@shop.test', pass: 'letmein', log: 'ada:letmein' } }),
  );
  expect(byHttp.signIn).toEqual({ why: expect.stringContaining('log') as string });
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
