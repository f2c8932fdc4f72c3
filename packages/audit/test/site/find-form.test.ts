import { expect, test } from 'vitest';
import { readPage } from '../../src/html/page.ts';
import { isHarmless, saysSignOut, signOutControlOf } from '../../src/site/find-form.ts';

const HERE = new URL('https://shop.test/account');

function signOutOn(html: string): string | undefined {
  const control = signOutControlOf(readPage(html, HERE));
  if (!control) return undefined;
  return 'form' in control ? control.form.action.pathname : control.link.target.pathname;
}

test.each([
  ['<form method=post action=/x><button>Sign out</button></form>', '/x'],
  ['<form method=post action=/session/logout><button>Bye</button></form>', '/session/logout'],
  ['<a href=/x>Abmelden</a>', '/x'],
  ['<a href=/x>Cerrar sesión</a>', '/x'],
  ['<a href=/x>Cerrar la sesión</a>', '/x'],
  ['<a href=/cerrar-sesion>Salir</a>', '/cerrar-sesion'],
  ['<a href=/x>Déconnexion</a>', '/x'],
  // The one beside it is taken.
  ['<a href=/all>Log out of all devices</a><a href=/one>Log out</a>', '/one'],
  ['<a href=/newsletter/abmelden>Abmelden</a><a href=/one>Abmelden</a>', '/one'],
])('%s signs out', (html, path) => {
  expect(signOutOn(html)).toBe(path);
});

test.each([
  'Sign out of other sessions',
  'Sign out of all other sessions',
  'Log out everywhere',
  'Log out of all your devices',
  'Log out all',
  'Sign out others',
  'Auf allen Geräten abmelden',
  'Überall abmelden',
  'Andere Sitzungen abmelden',
  'Déconnexion de tous les appareils',
  'Déconnexion des autres sessions',
  'Cerrar sesión en todos los dispositivos',
  'Cerrar sesión en los demás dispositivos',
  'Cerrar sesiones',
  'Cerrar',
  'Cerrar cuenta',
  'Vom Newsletter abmelden',
  'Von Benachrichtigungen abmelden',
])('“%s” is not pressed to sign out, also where there is nothing else', (text) => {
  expect(signOutOn(`<a href=/x>${text}</a>`)).toBeUndefined();
  expect(signOutOn(`<form method=post action=/x><button>${text}</button></form>`)).toBeUndefined();
});

test.each([
  ['/newsletter/abmelden', 'Abmelden'],
  ['/logout/all', 'Log out'],
  ['/logout-everywhere', 'Log out'],
  ['/sessions/other-sessions/logout', 'Log out'],
  ['/logout_all_devices', 'Log out'],
  ['/sign_out_all', 'Sign out'],
])('neither is what leads to %s', (path, text) => {
  expect(signOutOn(`<a href=${path}>${text}</a>`)).toBeUndefined();
  expect(signOutOn(`<form method=post action=${path}><button>${text}</button></form>`)).toBeUndefined();
});

test.each([
  'Log out',
  'Sign out everywhere',
  'Abmelden',
  'Vom Newsletter abmelden',
  'Cerrar cuenta',
])('a link “%s” is not followed to look around', (text) => {
  expect(isHarmless({ text, target: new URL('/x', HERE) })).toBe(false);
});

test('who was seen to sign out everywhere has signed out; who left a newsletter, or closed a banner, has not', () => {
  expect(['Log out', 'Sign out everywhere', 'Cerrar sesión'].filter(saysSignOut)).toHaveLength(3);
  expect(['Cerrar', 'Vom Newsletter abmelden', 'Unsubscribe'].filter(saysSignOut)).toEqual([]);
});

test('a text of a megabyte is judged in a moment', () => {
  for (const piece of [
    'all of ',
    'other ',
    'log ',
    'sign-out ',
    'cerrar ',
    'tous les ',
    'x',
    'all my your the ',
  ]) {
    const text = piece.repeat(1_000_000 / piece.length);
    const start = performance.now();
    signOutControlOf({
      title: '',
      metas: new Map(),
      forms: [],
      links: [{ text, target: HERE }],
    });
    expect(performance.now() - start).toBeLessThan(3_000);
  }
});
