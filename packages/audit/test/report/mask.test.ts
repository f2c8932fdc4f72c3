import { expect, test } from 'vitest';
import { createTranscript } from '../../src/http/transcript.ts';
import { createMask, unnumbered } from '../../src/mask.ts';

const NAME = 'DWcbdf2976907a99346bc70ed31dd2d248';
const VALUE = 'snopsr25ubvq1768gld973hgfp';

function afterAnswer(setCookie: string): (text: string) => string {
  const mask = createMask();
  const url = new URL('http://localhost/');
  createTranscript(mask).record({
    who: 'somebody',
    at: 0,
    request: { method: 'GET', url, headers: [] },
    answer: {
      request: { method: 'GET', url, headers: [] },
      status: 200,
      headers: [['Set-Cookie', setCookie]],
      body: '',
      isCut: false,
    },
  });
  return (text) => mask.apply(text);
}

test('the name of a cookie is shown, however much it looks like a token', () => {
  const masked = afterAnswer(`${NAME}=${VALUE}; Path=/`)(`The cookie ${NAME} has the value ${VALUE}.`);
  expect(masked).toBe(`The cookie ${NAME} has the value ‹${NAME} #1, ${VALUE.length} characters›.`);
});

test('a name that was given as a value before stays hidden', () => {
  const mask = createMask();
  mask.hide(NAME, 'sid');
  mask.show(NAME);
  expect(mask.apply(NAME)).not.toContain(NAME);
});

test('the word that stands for a deleted cookie is no secret', () => {
  expect(afterAnswer(`${NAME}=deleted; Max-Age=0`)('It is deleted.')).toBe('It is deleted.');
});

test.each([
  '',
  'a',
  'ab',
  'abc',
  'ada:',
  '{"pass":"',
])('a password that a script sends in base64 is hidden, after %j and before more', (before) => {
  for (const password of ['letmein', 'letmeout', 'let me in?', 'grüße>>>???']) {
    const mask = createMask();
    mask.hidePassword(password, 'password');
    for (const after of ['', '!', '"}', '. And more']) {
      const sent = Buffer.from(`${before}${password}${after}`);
      const spellings = [sent.toString('base64'), sent.toString('base64url')];
      for (const text of [...spellings, ...spellings.map(encodeURIComponent)]) {
        const masked = mask.apply(`pass=${text}`);
        expect(masked).toContain(`‹password #1, ${password.length} characters›`);
      }
    }
  }
});

test('a password that is sent in base64 alone leaves nothing of itself', () => {
  for (const password of ['letmein', 'letmeout', 'letmeinnow']) {
    const mask = createMask();
    mask.hidePassword(password, 'password');
    const text = `‹password #1, ${password.length} characters›`;
    expect(mask.apply(`{"p":"${btoa(password)}"}`)).toBe(`{"p":"${text}"}`);
    expect(mask.apply(`p=${encodeURIComponent(btoa(password))}&x`)).toBe(`p=${text}&x`);
  }
});

test('without its number, what is masked is the same in every run', () => {
  const mask = createMask();
  mask.hide('letmein', 'password');
  expect(unnumbered(mask.apply(`/reset/letmein/${VALUE}/x`))).toBe('/reset/‹password›/‹…›/x');
});
