/** How many statements a request takes, counted by the servers. */
import { createSessions } from '../../../packages/holdfast/src/sessions.ts';
import type { Session, UntypedData } from '../../../packages/holdfast/src/index.ts';
import { cookieHeader, manualClock } from '../../../packages/holdfast/src/testing/index.ts';
import {
  type Counted,
  countedMariadb,
  countedPostgres,
} from '../../../packages/holdfast/test/support/sql/counted.ts';

const TIMES = 1_000;

/** Of so many requests of each kind, in as many sessions. */
async function statementsOn(start: () => Promise<Counted<unknown>>): Promise<ReadonlyMap<string, number>> {
  const { store, count, stop } = await start();
  try {
    // Less goes by than until a request would prune.
    const clock = manualClock(Date.now());
    const sessions = createSessions({ store, clock, onEvent: () => undefined });
    const cookies = Array.from({ length: TIMES }, () => '');
    const sent = new Map<string, number>();
    async function counted(
      name: string,
      handle: (session: Session<UntypedData>, i: number) => unknown,
    ): Promise<void> {
      const before = await count();
      for (const [i, cookie] of cookies.entries()) {
        const session = await sessions.open({ method: 'POST', url: '/', headers: new Headers({ cookie }) });
        await handle(session, i);
        cookies[i] = cookieHeader((await sessions.commit(session)).setCookies, cookie);
      }
      sent.set(name, (await count()) - before);
    }
    const isSignedIn = ({ userId }: Session<UntypedData>): void => {
      if (userId === undefined) throw new Error('nobody is signed in');
    };
    // The first call of all looks at the tables.
    await store.epochOf('nobody');
    await counted('signs in', (session, i) => session.signIn({ userId: `user-${i}` }));
    await counted('reads', isSignedIn);
    await counted('writes a key', (session) => session.set('n', 1));
    clock.advance('61s');
    await counted('reads, and a touch is due', isSignedIn);
    clock.advance('61s');
    await counted('writes a key, and a touch is due', (session) => session.set('n', 2));
    await counted('signs out', (session) => session.signOut());
    return sent;
  } finally {
    await stop();
  }
}

/** A row for each kind of request, with how many statements a thousand of them sent to each database. */
export async function statementRows(): Promise<readonly string[]> {
  const onPostgres = await statementsOn(countedPostgres);
  const onMariadb = await statementsOn(countedMariadb);
  const of = (sent: ReadonlyMap<string, number>, name: string): string =>
    (sent.get(name) ?? Number.NaN).toLocaleString('en');
  return [...onPostgres.keys()].map(
    (name) => `| ${name} | ${of(onPostgres, name)} | ${of(onMariadb, name)} |`,
  );
}
