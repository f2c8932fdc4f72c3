import { expect, test } from 'vitest';
import { check } from '../../src/checks/https-redirect.ts';
import { CheckContext } from '../../src/engine/context.ts';
import { AuditError } from '../../src/errors.ts';
import type { Answer, Headers } from '../../src/http/message.ts';
import { createMask } from '../../src/mask.ts';
import { createTranscript } from '../../src/http/transcript.ts';
import { createSite } from '../../src/site/site.ts';
import { systemClock } from '../../src/clock.ts';
import { resolveLimits } from '../../src/http/limits.ts';

/** No test can listen on port 80: what would be answered there is put in by hand. */
function contextOf(target: string, answer: { status: number; headers: Headers } | AuditError): CheckContext {
  const mask = createMask();
  const url = new URL(target);
  const site = createSite({
    target: url,
    clock: systemClock,
    mask,
    transcript: createTranscript(mask),
    userAgent: 'test',
    client: {
      limits: resolveLimits(url),
      used: { requests: 0, seconds: 0 },
      signal: new AbortController().signal,
      mayReach: () => true,
      close: () => undefined,
      async send(request): Promise<Answer> {
        if (answer instanceof AuditError) throw answer;
        expect(request.url.href).toBe('http://shop.test/');
        return { request, ...answer, body: '', isCut: false, number: 1 };
      },
    },
  });
  return new CheckContext({
    site,
    recipe: {},
    permissions: new Set(),
    signedIn: undefined,
    outcomes: new Map(),
  });
}

const SHOP = 'https://shop.test/';

test.each([
  ['a redirect to HTTPS', SHOP, { status: 301, headers: [['Location', 'https://shop.test/']] }, 'clean'],
  ['nothing', SHOP, new AuditError('unreachable', 'refused'), 'clean'],
  ['silence', SHOP, new AuditError('timeout', 'no answer'), 'clean'],
  ['a page', SHOP, { status: 200, headers: [] }, 'found'],
  [
    'a redirect to another plain address',
    SHOP,
    { status: 301, headers: [['Location', 'http://www.shop.test/']] },
    'found',
  ],
  [
    'a redirect that sets a cookie',
    SHOP,
    {
      status: 301,
      headers: [
        ['Location', SHOP],
        ['Set-Cookie', 'a=1'],
      ],
    },
    'found',
  ],
  ['a page, where HTTP was asked for', 'http://shop.test/', { status: 200, headers: [] }, 'inconclusive'],
  ['a page, at a port of its own', 'https://shop.test:8443/', { status: 200, headers: [] }, 'inconclusive'],
] as const)('%s at http:// is judged', async (_name, target, answer, expected) => {
  expect((await check.run(contextOf(target, answer))).outcome).toBe(expected);
});
