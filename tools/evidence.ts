// `npm run evidence`: the long forms, too slow for every change. The same tests with more runs of each property and
// longer races (HOLDFAST_LONG=1), then the benchmarks.
import { run } from './lib/workspace.ts';

const long: [name: string, command: string, args: string[]][] = [
  ['tests, long form', 'node', ['tools/test.ts']],
  ['benchmarks', 'npm', ['run', 'bench', '-w', '@holdfast/bench', '--if-present']],
];

for (const [name, command, args] of long) {
  console.log(`\n== ${name}`);
  const { code } = await run(command, args, { env: { HOLDFAST_LONG: '1' }, show: true });
  if (code !== 0) {
    console.error(`${name} failed.`);
    process.exit(1);
  }
}
