import { expect, test } from 'vitest';
import { draftOf } from '../../src/recording/draft.ts';
import { hostsToTry, sentAgain, withHosts } from '../../src/recording/hosts.ts';
import { asAda, draft, page, script, TARGET, TOKEN } from '../support/recording.ts';

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
  ['https://www.shop.example/', 'https://shop.example/x', ['shop.example']],
  ['https://www.shop.example/', 'https://shop.example.test/x', []],
  ['https://ada.github.io/', 'https://grace.github.io/x', []],
  ['https://ada.herokuapp.com/', 'https://grace.herokuapp.com/x', []],
  ['https://ada.s3.amazonaws.com/', 'https://grace.s3.amazonaws.com/x', []],
  ['https://ada.github.io/', 'https://github.io/x', []],
  ['https://shop.example/', 'https://shop.example:8443/x', ['shop.example:8443']],
  ['https://shop.co.uk/', 'https://ads.co.uk/x', []],
  ['https://shop.co.uk/', 'https://api.shop.co.uk/x', ['api.shop.co.uk']],
  ['http://localhost:5173/', 'http://localhost:3000/x', ['localhost:3000']],
  ['http://10.0.0.7/', 'http://10.0.0.8/x', []],
])('beside %s, %s is asked for %j', (target, other, hosts) => {
  const moments = [page(`GET ${target}`), script(`GET ${other}`, { answers: {} }), ...asAda];
  const found = draftOf(moments, new URL(target));
  expect(found && hostsToTry(found, new URL(target))).toEqual(hosts);
});
