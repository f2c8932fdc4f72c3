/** Reads the environment, starts, prints where, and stops on a signal. */
import { relative } from 'node:path';
import { createApp } from './app.ts';
import { type Config, explainOptionError, HELP, readConfig, StartError } from './config.ts';
import { DEMO_PASSWORD, DEMO_USERNAME, seedDemoAccount } from './demo-account.ts';
import { describeSwitches, readSwitches, SWITCHES_HELP } from './flaws/switches.ts';
import { describeMysql } from './mysql-url.ts';
import { describePostgres } from './postgres-url.ts';
import { describeRedis } from './redis-url.ts';
import { listen } from './server.ts';
import { openStorage } from './storage.ts';
import { createUsers } from './users.ts';

/** A terminal and npm both pass Ctrl-C on: signals this close together are one. */
const ONE_SIGNAL_WITHIN = 500;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${HELP}${SWITCHES_HELP}`);
    return;
  }
  const without = readSwitches(args, process.env);

  const config = readConfig(process.env);
  const { port, timeouts } = config;
  const storage = await openStorage(config);
  const users = await createUsers(storage.accounts);
  const hasDemoPassword = await seedDemoAccount(users);
  const demoAccount = hasDemoPassword
    ? { demoAccount: { username: DEMO_USERNAME, password: DEMO_PASSWORD } }
    : {};
  const app = createApp({ store: storage.store, users, timeouts, without, ...demoAccount });
  const server = await listen(app, port);
  stopOnSignal(async () => {
    await server.stop();
    await storage.close();
  });

  console.log(`
  Holdfast demo    http://localhost:${server.port}
  Demo account     ${DEMO_USERNAME} / ${hasDemoPassword ? DEMO_PASSWORD : '(the password it was given)'}
  Data             ${describeData(config)}

  Ctrl-C stops it.
`);

  if (without.length > 0) console.warn(describeSwitches(without));
}

function describeData({ store, users }: Config): string {
  const sessions = describePlace(store);
  const accounts = describePlace(users);
  return accounts === sessions
    ? sessions
    : `sessions in ${sessions}\n                   accounts in ${accounts}`;
}

function describePlace(place: Config['store']): string {
  if (place.kind === 'redis') return describeRedis(place);
  if (place.kind === 'postgres') return describePostgres(place);
  if (place.kind === 'mysql') return describeMysql(place);
  return place.kind === 'sqlite' ? relative(process.cwd(), place.path) : 'memory, until this process ends';
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const onSignal = (): void => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      console.log('Stopping: requests that are being answered are finished first.');
      stop().then(() => process.exit(0), fail);
    } else if (performance.now() - stoppingSince > ONE_SIGNAL_WITHIN) {
      process.exit(1);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function fail(error: unknown): void {
  if (error instanceof StartError) console.error(error.message);
  else if (error instanceof TypeError && /^[a-z]\w*: /i.test(error.message)) {
    console.error(explainOptionError(error).message);
  } else console.error(error);
  process.exit(1);
}

main().catch(fail);
