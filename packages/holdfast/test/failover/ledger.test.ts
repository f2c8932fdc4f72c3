import { expect, test } from 'vitest';
import type { Page } from './app.ts';
import { Ledger } from './ledger.ts';

const served: Page = { user: 'ada', id: 'one', rejected: null, n: 0 };
const refused: Page = { user: null, id: null, rejected: 'revoked', n: 0 };

function answer(startedAt: number, endedAt: number) {
  return { status: 200, page: undefined, cookie: '', startedAt, endedAt };
}

/** Ada has signed in to `one` from 10 to 20. */
function ledger(): Ledger {
  const begun = new Ledger();
  begun.signedIn('ada', 'one', { from: 10, to: 20 });
  return begun;
}

test('a session that nobody has ended, and that is refused, is signed out wrongly', () => {
  const own = ledger();
  own.judge('one', refused, answer(30, 40));
  expect(own.judged.signedOut).toEqual(['ada: nobody, revoked']);
});

test('one that is served after its end was acknowledged has revived', () => {
  const own = ledger();
  own.ended('one', own.ending('one', 30), 40);
  own.judge('one', served, answer(41, 50));
  expect(own.judged.revived).toHaveLength(1);
});

test('while an end is under way, both answers are right', () => {
  const own = ledger();
  own.ended('one', own.ending('one', 30), 40);
  own.judge('one', served, answer(39, 50));
  own.judge('one', refused, answer(25, 31));
  expect(own.judged).toMatchObject({ signedOut: [], revived: [] });
});

test('a revocation of all ends those that had signed in before it, for certain, and others perhaps', () => {
  const own = ledger();
  own.signedIn('ada', 'kept', { from: 10, to: 20 });
  const span = own.revoking('ada', 'kept', 30);
  own.signedIn('ada', 'during', { from: 29, to: 35 });
  own.revoked('ada', 'kept', span, 40);
  own.signedIn('ada', 'after', { from: 41, to: 50 });
  expect(own.sessionsOf('ada')).toEqual({ alive: ['kept', 'after'], dead: ['one'] });
  own.judge('during', refused, answer(60, 70));
  own.judge('during', { ...served, id: 'during' }, answer(60, 70));
  expect(own.judged).toMatchObject({ signedOut: [], revived: [] });
});

test('an end of which no answer came may have happened', () => {
  const own = ledger();
  own.ending('one', 30);
  own.judge('one', served, answer(40, 50));
  own.judge('one', refused, answer(60, 70));
  expect(own.judged).toMatchObject({ signedOut: [], revived: [] });
});
