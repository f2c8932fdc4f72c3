import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Application, PASSWORD, USER } from './application.ts';
import { installNpm } from './installed.ts';

const VERSION = '5.0.7';

export const nodeRed: Application = {
  name: 'Node-RED',
  id: 'node-red',
  recipe: `
# As the editor's script does it.
signIn:
  - request: POST /auth/token
    form: { client_id: node-red-editor, grant_type: password, scope: "*", username: "\${user}", password: "\${password}" }
signedIn: { page: /settings }
signOut:
  - request: POST /auth/revoke
    form: { token: "\${token}" }
`,
  async prepare(folder, port) {
    await installNpm(folder, [`node-red@${VERSION}`, 'bcryptjs@3.0.3']);
    await writeFile(
      join(folder, 'settings.js'),
      `module.exports = {
  uiHost: '127.0.0.1',
  uiPort: ${port},
  userDir: ${JSON.stringify(join(folder, 'user'))},
  credentialSecret: 'of this run',
  telemetry: { enabled: false },
  adminAuth: {
    type: 'credentials',
    users: [{ username: '${USER}', password: require('bcryptjs').hashSync('${PASSWORD}', 8), permissions: '*' }],
  },
};
`,
    );
    const { version } = JSON.parse(
      await readFile(join(folder, 'node_modules/node-red/package.json'), 'utf8'),
    ) as {
      version: string;
    };
    return {
      version,
      command: `exec ${process.execPath} ${join(folder, 'node_modules/node-red/red.js')} -s ${join(folder, 'settings.js')}`,
    };
  },
};
