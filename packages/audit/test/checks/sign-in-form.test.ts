import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { listen } from '../gallery/exhibit.ts';
import { listenTls } from '../gallery/tls/exhibits.ts';

const FIELDS = '<input name="user"><input name="password" type="password"><button>Sign in</button>';

async function judged(page: string, start = listen): Promise<CheckResult | undefined> {
  const site = await start((_req, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.end(`<!doctype html><title>Sign in</title>${page}`);
  });
  try {
    const report = await audit({
      target: site.url,
      checks: checks.filter(({ id }) => id === 'sign-in-form'),
      acceptsAnyCertificate: true,
    });
    return report.checks[0];
  } finally {
    await site.stop();
  }
}

describe('what is said of a sign-in form is what was seen', () => {
  const NOTHING_SAID = 'The audit went over plain HTTP: of encryption nothing is said.';

  test('over HTTPS, to its own site', async () => {
    expect(await judged(`<form method="post">${FIELDS}</form>`, listenTls)).toMatchObject({
      outcome: 'clean',
      summary: 'The form on / sends the password in the body of a request to its site.',
    });
  });

  test('over plain HTTP', async () => {
    expect(await judged(`<form method="post">${FIELDS}</form>`)).toMatchObject({
      outcome: 'clean',
      summary: `The form on / sends the password in the body of a request to its site. ${NOTHING_SAID}`,
    });
  });

  test('to another host', async () => {
    const form = `<form method="post" action="https://login.example.com/in">${FIELDS}</form>`;
    expect(await judged(form, listenTls)).toMatchObject({
      outcome: 'clean',
      summary: 'The form on / sends the password in the body of a request to https://login.example.com.',
    });
  });

  test('a form that asks for the name alone', async () => {
    const form =
      '<form action="/login"><input name="user" autocomplete="username"><button>Sign in</button></form>';
    expect(await judged(form, listenTls)).toMatchObject({
      outcome: 'clean',
      summary: 'The form on / sends the name, and no password, in the address to its site.',
    });
  });
});

test('a form that says GET, on a page with a script, is not decided', async () => {
  const result = await judged(`<form>${FIELDS}</form><script src="/app.js"></script>`);
  expect(result).toMatchObject({ outcome: 'inconclusive', because: 'control_failed' });
  expect(result?.summary).toContain('a script that may send it in another way');
});

test('a form that says GET, on a page without one, is found', async () => {
  expect(await judged(`<form>${FIELDS}</form>`)).toMatchObject({ outcome: 'found' });
});
