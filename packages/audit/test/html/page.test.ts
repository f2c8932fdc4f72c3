import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPage } from '../../src/html/page.ts';
import { tokensOf } from '../../src/html/tokens.ts';
import { signInFormOf, signOutControlOf } from '../../src/site/find-form.ts';
import { formBody } from '../../src/site/visitor.ts';

const HERE = new URL('https://shop.test/a/login?next=1');

test('a form is read as a browser would send it', () => {
  const html = `<form method=POST action="do?a=1&amp;b=2"><input name=csrf type=hidden value='x"&lt;'>
    <!-- <input name=no> --><input name="u"><input type=password name=p><input type=checkbox name=k checked>
    <input type=checkbox name=l><select name=s><option value=1>a<option value=2 selected>b</select>
    <textarea name=t><input name=no></textarea><button name=go value=1>Log in</button></form><script>"<input name=no>"</script>`;
  const [form] = readPage(html, HERE).forms;
  expect(form?.action.href).toBe('https://shop.test/a/do?a=1&b=2');
  expect(form?.method).toBe('POST');
  expect(form && formBody(form, { u: 'ada', p: 'a b&c' })).toBe(
    'csrf=x%22%3C&u=ada&p=a+b%26c&k=on&s=2&t=&go=1',
  );
});

test('a field of a type that browsers do not know is a text', () => {
  const html = '<form method=post><input type=username name=who><input type=password name=p></form>';
  expect(signInFormOf(readPage(html, HERE))?.username?.name).toBe('who');
});

test('a form in which one can choose to sign out, among much else, is not the one that signs out', () => {
  const html = `<form><select name=do><option value=edit>Edit<option value=logout>Log out</select><button>Go</button></form>
    <a href="?do=logout">Log out</a>`;
  expect(signOutControlOf(readPage(html, HERE))).toMatchObject({ link: { text: 'Log out' } });
});

test.each([
  ['without an action', '<form method=post><input type=password>', 'https://shop.test/a/login?next=1'],
  ['with an empty action', '<form action=""><input>', 'https://shop.test/a/login?next=1'],
  ['with a base', '<base href="https://x.test/y/"><form action=z>', 'https://x.test/y/z'],
])('a form %s goes where a browser sends it', (_name, html, expected) => {
  expect(readPage(html, HERE).forms[0]?.action.href).toBe(expected);
});

test.each([
  [
    'the one with a password, not the search',
    '<form action=/s><input name=q></form><form action=/in><input name=u><input type=password name=p></form>',
    '/in',
  ],
  [
    'the sign-in, not the sign-up',
    '<form action=/sign-up><input name=u><input type=password name=p><input type=password name=p2></form><form action=/login><input name=u><input type=password name=p></form>',
    '/login',
  ],
  [
    'the sign-in, not a new password',
    '<form action=/x><input name=u><input type=password autocomplete=new-password name=p></form><form action=/y><input name=u><input type=password name=p></form>',
    '/y',
  ],
  [
    'a form for the name alone',
    '<form action=/s><input name=q></form><form action=/login><input type=email name=e></form>',
    '/login',
  ],
])('the sign-in form is %s', (_name, html, path) => {
  expect(signInFormOf(readPage(html, HERE))?.form.action.pathname).toBe(path);
});

test('a form that signs out is taken before a link, and one of them before “everywhere”', () => {
  const html =
    '<a href=/logout>Log out</a><form method=post action=/all><button>Sign out everywhere</button></form><form method=post action=/one><button>Sign out</button></form>';
  const control = signOutControlOf(readPage(html, HERE));
  expect(control && 'form' in control && control.form.action.pathname).toBe('/one');
});

test('whatever a page is, reading it ends, and its size bounds what comes of it', () => {
  const piece = fc.constantFrom(
    '<form',
    '<input name=a',
    ' type="password',
    '>',
    '</form>',
    '<!--',
    '-->',
    '<script>',
    '</script',
    '"',
    "'",
    '=',
    '<a href=',
    '&#0;',
    '&#x110000;',
    '<',
    '/',
    'text',
    '\u0000',
    '<textarea>',
    '<base href=//x>',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      const html = pieces.join('');
      expect([...tokensOf(html)].length).toBeLessThanOrEqual(html.length + 1);
      const page = readPage(html, HERE);
      for (const { target } of page.links) expect(target.protocol).toMatch(/^https?:$/);
    }),
  );
});

test('a page of a megabyte is read in a moment, also one that never closes what it opens', () => {
  for (const piece of ['<', '<a ', '<!--', '<script>', '<a b="', '<a =', '<form><input ']) {
    const start = performance.now();
    readPage(piece.repeat(1_000_000 / piece.length), HERE);
    expect(performance.now() - start).toBeLessThan(3_000);
  }
});
