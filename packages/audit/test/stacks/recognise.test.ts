import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { check as signOutReplay } from '../../src/checks/sign-out-replay.ts';
import { checks } from '../../src/checks/index.ts';
import type { Answer } from '../../src/http/message.ts';
import { bearerHolding, cookieHolding, type Holding } from '../../src/site/holding.ts';
import { htmlReport } from '../../src/report/html.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { sarifReport } from '../../src/report/sarif.ts';
import { terminalReport } from '../../src/report/terminal.ts';
import { stacks } from '../../src/stacks/index.ts';
import { recognise, type Seen } from '../../src/stacks/recognise.ts';
import { PASSWORD, USER } from '../gallery/exhibit.ts';
import { startFastify } from '../gallery/fastify/site.ts';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const url64 = (bytes: number): string => randomBytes(bytes).toString('base64url');
const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function cookie(name: string, value: string): Holding {
  return cookieHolding({
    name,
    value,
    domain: 'shop.test',
    hostOnly: true,
    path: '/',
    secure: true,
    httpOnly: true,
  });
}

function answer(path: string, headers: Answer['headers'] = [], body = ''): Answer {
  return {
    request: { method: 'GET', url: new URL(path, 'https://shop.test'), headers: [] },
    status: 200,
    headers: [...headers, ['Content-Type', 'text/html']],
    body,
    isCut: false,
    number: 1,
  };
}

function idOf(proof: Holding, more: Partial<Seen> = {}): string | undefined {
  const seen = { proof: [proof], cookies: [], answers: [], ...more };
  return recognise(seen, stacks)?.stack.id;
}

describe('recognised by what it looks like, whatever its name', () => {
  test.each([
    ['express-session', `s%3A${url64(24)}.${randomBytes(32).toString('base64').replace(/=+$/, '')}`],
    ['express-session', `s:${randomUUID()}.${randomBytes(32).toString('base64').replace(/=+$/, '')}`],
    ['fastify-session', `${url64(24)}.${encodeURIComponent(randomBytes(32).toString('base64'))}`],
    ['fastify-secure-session', `${url64(60)}%3B${randomBytes(24).toString('base64')}`],
    ['iron-session', `Fe26.2*1*${hex(32)}*${url64(16)}`],
    ['holdfast', `${url64(16)}.${url64(12)}.${url64(32)}`],
    ['flask', `${json({ user: 'ada' })}.${url64(4)}.${url64(20)}`],
    ['flask', `.${url64(80)}.${url64(4)}.${url64(20)}`],
    ['django-signed-cookies', `${json({ user: 'ada' })}:1vMf2c:${url64(32)}`],
    ['laravel', Buffer.from(JSON.stringify({ iv: hex(8), value: hex(9), mac: hex(9) })).toString('base64')],
    [
      'rails',
      `${encodeURIComponent(randomBytes(90).toString('base64'))}--${randomBytes(12).toString('base64')}--${randomBytes(16).toString('base64')}`,
    ],
    ['asp-net-core', `CfDJ8${url64(100)}`],
    ['phoenix', `SFMyNTY.${url64(30)}.${url64(32)}`],
    ['gorilla', Buffer.from(`1764000000|${hex(40)}|${hex(16)}`).toString('base64url')],
    ['jwt', `${json({ alg: 'HS256' })}.${json({ sub: 'ada' })}.${url64(32)}`],
  ])('%s', (id, value) => {
    expect(idOf(cookie('__Host-x', value))).toBe(id);
  });

  test('a bearer token too', () => {
    expect(idOf(bearerHolding(`${json({ alg: 'none' })}.${json({ sub: 'ada' })}.`))).toBe('jwt');
  });
});

test.each([
  ['php', cookie('PHPSESSID', hex(13)), {}],
  ['php', cookie('sid', hex(13)), { answers: [answer('/', [['X-Powered-By', 'PHP/8.2.36']])] }],
  ['servlet', cookie('JSESSIONID', hex(16).toUpperCase()), {}],
  ['spring-session', cookie('SESSION', Buffer.from(randomUUID()).toString('base64')), {}],
  ['django', cookie('sessionid', hex(16)), {}],
  [
    'django',
    cookie('__Host-id', hex(16)),
    { answers: [answer('/login/', [], '<form><input name=csrfmiddlewaretoken></form>')] },
  ],
  ['wordpress', cookie('wordpress_logged_in_0123', 'ada'), {}],
  ['asp-net', cookie('ASP.NET_SessionId', 'abcdefghijklmnopqrstuvwx'), {}],
  ['auth-js', cookie('__Secure-next-auth.session-token', url64(90)), {}],
  ['cookie-session', cookie('session', json({ user: 'ada' })), { cookies: ['session', 'session.sig'] }],
] as const)('%s is recognised by names and pages', (id, proof, more) => {
  expect(idOf(proof, more)).toBe(id);
});

test.each([
  ['a hexadecimal number', cookie('sid', hex(16)), {}],
  ['a UUID', cookie('session', randomUUID()), {}],
  ['a base64url text', cookie('token', url64(32)), {}],
  [
    'the header of a framework alone',
    cookie('sid', hex(16)),
    { answers: [answer('/', [['X-Powered-By', 'Express']])] },
  ],
] as const)('%s is not enough to say anything', (_name, proof, more) => {
  expect(idOf(proof, more)).toBeUndefined();
});

test('what told names no value', () => {
  const value = `s%3A${url64(24)}.${url64(32)}`;
  const told = recognise({ proof: [cookie('connect.sid', value)], cookies: [], answers: [] }, stacks);
  expect(told?.because).toEqual(['the form of the cookie connect.sid', 'the name of the cookie connect.sid']);
});

test('each fix is about a check that there is, and is a sentence', () => {
  const ids = new Set(checks.map(({ id }) => id));
  expect(new Set(stacks.map(({ id }) => id)).size).toBe(stacks.length);
  for (const { id, fixes } of stacks) {
    for (const [check, fix] of Object.entries(fixes)) {
      expect([id, check, ids.has(check)]).toEqual([id, check, true]);
      expect(fix).toMatch(/\.$/);
      expect(fix.split('`').length % 2).toBe(1);
    }
  }
});

test('every report says what the site seems made with, and how to fix there what was found', async () => {
  const site = await startFastify({ keeps: 'in the cookie' });
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: [signOutReplay],
    });
    const texts = [
      htmlReport(report),
      markdownReport(report).replaceAll('\\', ''),
      terminalReport(report, { isColoured: false }).replace(/\s+/g, ' '),
    ];
    for (const text of texts) expect(text).toMatch(/Seems made with[^]{1,20}@fastify\/secure-session/);
    for (const text of [...texts, sarifReport(report)]) {
      expect(text).toMatch(
        /request\.session\.delete\(\)(?:`|<\/code>) deletes the cookie of the own browser/,
      );
    }
  } finally {
    await site.stop();
  }
});
