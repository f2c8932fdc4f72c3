import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Application, PASSWORD, USER } from './application.ts';
import { installNpm } from './installed.ts';

const VERSION = '9.2.0';

export const parseDashboard: Application = {
  name: 'Parse Dashboard',
  id: 'parse-dashboard',
  // The form is made by a script, and filled in by Chromium. So is the link to sign out.
  recipe: `
signOut: [{ request: GET /logout }]
`,
  async prepare(folder, port) {
    await installNpm(folder, [`parse-dashboard@${VERSION}`]);
    const settings = {
      apps: [
        { serverURL: 'http://127.0.0.1:9/parse', appId: 'app', masterKey: 'of nothing', appName: 'none' },
      ],
      users: [{ user: USER, pass: PASSWORD }],
    };
    await writeFile(join(folder, 'dashboard.json'), JSON.stringify(settings));
    const home = join(folder, 'node_modules/parse-dashboard');
    const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
    const registry = await emptyRegistry();
    return {
      version,
      command: `npm_config_registry=${registry.url} exec ${process.execPath} ${join(home, 'bin/parse-dashboard')} --config ${join(folder, 'dashboard.json')} --host 127.0.0.1 --port ${port} --allowInsecureHTTP`,
      stop: registry.stop,
    };
  },
};

/**
 * It asks npm's registry at its start whether there is a newer version, and keeps the connection to a server whose clock is
 * not moved; where none answers, it ends by itself after a while.
 */
async function emptyRegistry(): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((_, res) => res.writeHead(404, { Connection: 'close' }).end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}
