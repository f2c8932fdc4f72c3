// `npm start`: builds what has changed, then becomes the demo. The demo runs in this very process, so that signals and
// arguments reach it as they would without npm in between.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run, workspace } from './lib/workspace.ts';

const { code, output } = await run('tsc', ['-b']);
if (code !== 0) {
  console.error(output);
  process.exit(1);
}
const main = join(workspace, 'apps/demo/dist/main.js');
process.argv[1] = main;
await import(pathToFileURL(main).href);
