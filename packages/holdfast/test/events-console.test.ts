import { afterEach, describe, expect, test, vi } from 'vitest';
import { raise, warnOnConsole } from '../src/events.ts';
import { resolveOptions } from '../src/options.ts';
import { memoryStore } from '../src/stores/memory.ts';
import { capture } from './support/canary.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('where nobody listens', () => {
  const at = Date.UTC(2026, 0, 1);

  test('warnings go to the console as one line of JSON, with an ISO instant and without the address (LV-10, ASVS-16.2.1)', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    raise(warnOnConsole, {
      type: 'reused',
      at,
      sessionId: 'id',
      userId: 'alice',
      client: { ip: '192.0.2.1' },
    });
    expect(warn.mock.calls).toEqual([
      [
        'holdfast: {"at":"2026-01-01T00:00:00.000Z","type":"reused","sessionId":"id","userId":"alice","owasp":"authn_token_reuse","level":"CRITICAL"}',
      ],
    ]);
    capture(warn.mock.calls);
  });

  test('what is only informative does not', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    raise(warnOnConsole, { type: 'signed_in', at, userId: 'alice' });
    raise(warnOnConsole, { type: 'ended', at, reason: 'signed_out' });
    expect(warn).not.toHaveBeenCalled();
  });

  test('a fault is told with its message, and a user’s name can not begin a line of its own (ASVS-16.4.1)', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    raise(warnOnConsole, {
      type: 'store_failed',
      at,
      operation: 'read a session',
      error: new Error('no\nroute'),
    });
    raise(warnOnConsole, { type: 'reused', at, userId: 'mallory\nholdfast: {"type":"signed_in"}\u2028' });
    const lines = warn.mock.calls.map(([line]) => String(line));
    expect(lines[0]).toContain('"error":"no\\nroute"');
    for (const line of lines) expect(line.split(/[\n\r]/).length).toBe(1);
  });

  test('it is the default', () => {
    expect(resolveOptions({ store: memoryStore() }).listener).toBe(warnOnConsole);
  });
});
