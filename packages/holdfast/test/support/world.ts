import { afterEach, describe } from 'vitest';
import type { SessionEvent } from '../../src/events.ts';
import type { DataSchemas, SessionOptions } from '../../src/options.ts';
import { createSessions, type DataOf, type Sessions } from '../../src/sessions.ts';
import type { SessionStore } from '../../src/store.ts';
import { type ManualClock, manualClock, type OpenedStore } from '../../src/testing/index.ts';
import { Browser } from './browser.ts';
import { capture } from './canary.ts';
import { bothStores } from './stores.ts';

export type WorldOptions<Schemas extends DataSchemas> = Partial<
  Omit<SessionOptions<Schemas>, 'store' | 'clock'>
> & {
  /** Puts something between the library and the store. */
  readonly wrap?: (store: SessionStore) => SessionStore;
};

/** A server on a store, with a clock that stands still. */
export interface World<Schemas extends DataSchemas = DataSchemas> {
  readonly sessions: Sessions<DataOf<Schemas>>;
  /** As the tests look at it, without what was put between. */
  readonly store: SessionStore;
  readonly clock: ManualClock;
  readonly events: SessionEvent[];
  browser(like?: ConstructorParameters<typeof Browser>[1]): Browser<DataOf<Schemas>>;
  /** Another server on the same store, with the same clock. */
  server<More extends DataSchemas>(options?: WorldOptions<More>): World<More>;
}

export type OpenWorld = <Schemas extends DataSchemas = DataSchemas>(
  options?: WorldOptions<Schemas>,
) => World<Schemas>;

function serve<Schemas extends DataSchemas>(
  store: SessionStore,
  clock: ManualClock,
  options: WorldOptions<Schemas>,
): World<Schemas> {
  const { wrap = (same) => same, ...rest } = options;
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent): void => {
    capture(event);
    events.push(event);
  };
  const sessions = createSessions<Schemas>({
    onEvent,
    ...rest,
    store: wrap(store),
    clock,
  } as SessionOptions<Schemas>);
  return {
    sessions,
    store,
    clock,
    events,
    browser: (like) => new Browser(sessions, like),
    server: (more) => serve(store, clock, more ?? {}),
  };
}

/** Runs tests on each store; each world a test opens has a fresh one, closed after the test. */
export function onEachStore(title: string, body: (open: OpenWorld) => void): void {
  describe.each(bothStores)(`${title} ($name)`, ({ open }) => {
    const opened: OpenedStore[] = [];
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    body((options) => {
      const fresh = open();
      opened.push(fresh);
      return serve(fresh.store, manualClock(), options ?? {});
    });
  });
}

/** The types of the events, in order. */
export function typesOf(events: readonly SessionEvent[]): string[] {
  return events.map(({ type }) => type);
}
