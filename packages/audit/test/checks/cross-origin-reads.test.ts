import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';

test.each([
  ['is held back by SameSite, it is less bad', 'Path=/; Secure; HttpOnly; SameSite=Lax', 'low'],
  ['goes along with requests of other sites, it is worse', 'Path=/; Secure; HttpOnly; SameSite=None', 'high'],
  ['says nothing of other sites, browsers differ, and it is worse', 'Path=/; Secure; HttpOnly', 'high'],
])('where the session cookie %s', async (_says, cookieAttributes, severity) => {
  const inner = nodeSite({ cookieAttributes });
  const site = await listen((req, res) => {
    if (req.headers.origin !== undefined) {
      res.setHeader('Access-Control-Allow-Origin', req.headers.origin);
      res.setHeader('Access-Control-Allow-Credentials', 'true');
    }
    inner(req, res);
  });
  try {
    const report = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => id === 'cross-origin-reads'),
    });
    expect(report.checks).toMatchObject([
      { outcome: 'found', severity, findings: [{ subject: '/account', severity }] },
    ]);
  } finally {
    await site.stop();
  }
});
