import { expect, test } from 'vitest';
import { draftOf } from '../../src/recording/draft.ts';
import {
  account,
  asAda,
  draft,
  form,
  page,
  pressed,
  SECOND,
  TARGET,
  TOKEN,
  typed,
} from '../support/recording.ts';

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
