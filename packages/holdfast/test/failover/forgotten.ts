/** What a failover forgets of what was answered while the replica no longer heard of it, step by step. */
import { setTimeout as pause } from 'node:timers/promises';
import { startSentinel } from '../support/redis/sentinel.ts';
import { until } from '../support/until.ts';
import { HttpBrowser } from './http-browser.ts';
import { type ClientName, cutOff, startSentinelApps } from './scenes.ts';

export interface Step {
  /** The status of the answer that was given while the primary was alone. */
  readonly answered: number;
  /** After the failover. */
  readonly afterwards: string;
}

export interface Forgotten {
  readonly signOut: Step;
  /** The same again, after the first was answered. */
  readonly signOutAgain: Step;
  readonly signIn: Step;
  readonly write: Step;
  readonly renewal: Step;
}

/** @param replicas how many must have a sign-in or an end; left out, none */
export async function forgottenByFailover(client: ClientName, replicas?: number): Promise<Forgotten> {
  const group = await startSentinel();
  const acknowledged = replicas !== undefined && { replicas };
  const apps = await startSentinelApps(group, { client, renewAfter: '1s', ...acknowledged });
  try {
    const port = apps[0]?.port ?? 0;
    const [leaving, arriving, writing, renewing] = Array.from({ length: 4 }, () => new HttpBrowser());
    if (!leaving || !arriving || !writing || !renewing) throw new Error('four browsers');
    for (const browser of [leaving, writing, renewing]) await browser.ask(port, '/sign-in?user=ada');
    const { cookie } = leaving;
    await group.primary.call('WAIT', 1, 1000);
    // Until a renewal is due.
    await pause(1100);

    await cutOff(group.replica, group.primary);
    const old = renewing.cookie;
    const answers = {
      write: await writing.ask(port, '/write?n=7'),
      renewal: await renewing.ask(port, '/'),
      signIn: await arriving.ask(port, '/sign-in?user=ada'),
      signOut: await leaving.ask(port, '/sign-out'),
      signOutAgain: await leaving.ask(port, '/sign-out'),
    };
    await group.primary.kill();
    group.replica.resume();
    await until('the replica is the primary', async () => (await group.leader()) === group.replica);
    await until('the application is served again', async () => {
      return (
        (await new HttpBrowser().ask(port, '/sign-in?user=bob')).status !== 503 || replicas !== undefined
      );
    });
    leaving.cookie = cookie;
    const look = async (
      browser: HttpBrowser,
    ): Promise<{ user: string | null; n: number; rejected: string | null }> => {
      let page;
      await until(
        'the page is served',
        async () => (page = (await browser.ask(port, '/')).page) !== undefined,
      );
      return page as never;
    };
    const left = await look(leaving);
    const arrived = await look(arriving);
    const wrote = await look(writing);
    const renewed = await look(renewing);
    const isSignedIn = left.user === null ? `refused: ${left.rejected}` : 'signed in';
    return {
      signOut: { answered: answers.signOut.status, afterwards: isSignedIn },
      signOutAgain: { answered: answers.signOutAgain.status, afterwards: isSignedIn },
      signIn: {
        answered: answers.signIn.status,
        afterwards: arrived.user === null ? `refused: ${arrived.rejected ?? 'no cookie'}` : 'signed in',
      },
      write: { answered: answers.write.status, afterwards: wrote.n === 7 ? 'there' : 'lost' },
      renewal: {
        answered: answers.renewal.status,
        afterwards:
          renewed.user === null
            ? `refused: ${renewed.rejected}`
            : `signed in${renewing.cookie === old ? ' with the cookie of before' : ''}`,
      },
    };
  } finally {
    await Promise.all(apps.map((app) => app.kill()));
    await group.stop();
  }
}
