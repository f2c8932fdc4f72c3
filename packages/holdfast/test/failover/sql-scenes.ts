/** An SQL database, an application on it, and what can happen to both. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SqlDatabase, SqlDriver } from '../support/sql/drivers.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { type App, startApp } from './processes.ts';
import { nowhere, type Scene } from './scenes.ts';

export interface SqlSceneOptions {
  readonly database: SqlDatabase;
  readonly driver: SqlDriver;
  /** What happens: the server is killed and started again, or the network between it and the application is cut, or silent. */
  readonly how: 'kill' | 'cut' | 'hang';
  /** In milliseconds. */
  readonly lasts: number;
}

export async function sqlScene({ database, driver, how, lasts }: SqlSceneOptions): Promise<Scene> {
  const server = await database.startServer();
  const proxy = await startProxy(server.port);
  const space = await driver.newSpace(server.url);
  const direct = driver.connect(server.url, 1);
  const app: App = await startApp({
    connection: driver.name,
    addresses: nowhere,
    prefix: space,
    url: server.url.replace(/:\d+\//, `:${proxy.port}/`),
  });
  return {
    apps: [app],
    fault: {
      loses: 'nothing',
      fail: () => (how === 'kill' ? server.kill() : proxy[how]()),
      async mend() {
        await pause(lasts);
        await (how === 'kill' ? server.restart() : proxy.mend());
      },
      exists: async (id) => (await direct.store(space).read(id)) !== undefined,
    },
    async stop() {
      await app.kill();
      await direct.close();
      await proxy.close();
      await server.stop();
    },
  };
}
