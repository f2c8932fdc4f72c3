import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createSessions, type SessionEvent } from '../../src/index.ts';
import { sqliteStore } from '../../src/stores/sqlite.ts';
import { Browser, expectCode } from '../support/browser.ts';

test('a full disk is a fault, not a sign-out: reads go on, writes say that they failed, and room heals it (ASVS-16.5.3)', async () => {
  const database = new DatabaseSync(':memory:');
  const events: SessionEvent[] = [];
  const sessions = createSessions({ store: sqliteStore(database), onEvent: (event) => events.push(event) });
  const ada = new Browser(sessions);
  await ada.signIn();
  const cookie = ada.cookie;

  // SQLite answers SQLITE_FULL when the file may not grow: the error of a full disk.
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const large = 'x'.repeat(50_000);
  await expectCode(
    ada.request((session) => session.set('large', large)),
    'store_unavailable',
  );
  expect(events.at(-1)).toMatchObject({ type: 'store_failed', operation: 'change a session' });
  expect(ada.cookie).toBe(cookie);
  expect(await ada.whoami()).toBe('alice');

  database.exec('PRAGMA max_page_count = 100000');
  await ada.request((session) => session.set('large', large));
  expect(await ada.request((session) => session.get('large'))).toBe(large);
});
