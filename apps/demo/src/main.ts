/** Reads the environment, starts, prints where, and stops on a signal. */
import { relative } from 'node:path';
import { createApp } from './app.ts';
import { explainOptionError, HELP, readConfig, StartError } from './config.ts';
import { DEMO_PASSWORD, DEMO_USERNAME, seedDemoAccount } from './demo-account.ts';
import { describeSwitches, readSwitches, SWITCHES_HELP } from './flaws/switches.ts';
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

  const { port, store: storeConfig, timeouts } = readConfig(process.env);
  const storage = openStorage(storeConfig);
  const users = await createUsers(storage.accounts);
  const hasDemoPassword = await seedDemoAccount(users);
  const demoAccount = hasDemoPassword
    ? { demoAccount: { username: DEMO_USERNAME, password: DEMO_PASSWORD } }
    : {};
  const app = createApp({ store: storage.store, users, timeouts, without, ...demoAccount });
  const server = await listen(app, port);

  const kept =
    storeConfig.kind === 'memory'
      ? 'in memory, until this process ends'
      : relative(process.cwd(), storeConfig.path);
  console.log(`
  Holdfast demo    http://localhost:${server.port}
  Demo account     ${DEMO_USERNAME} / ${hasDemoPassword ? DEMO_PASSWORD : '(the password it was given)'}
  Data             ${kept}

  Ctrl-C stops it.
`);

  if (without.length > 0) console.warn(describeSwitches(without));

  stopOnSignal(async () => {
    await server.stop();
    storage.close();
  });
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
