// `npm run evidence`: the long forms, too slow for every change: the tests with more runs of each property and longer races
// (HOLDFAST_LONG=1), what is written to docs/evidence, then the benchmarks.
import { run } from './lib/workspace.ts';

const long: [name: string, command: string, args: string[]][] = [
  ['tests, long form (model, fuzz and kill -9 among them)', 'node', ['tools/test.ts']],
  ['model', 'node', ['tools/evidence/model.ts']],
  ['thief', 'node', ['tools/evidence/thief.ts']],
  ['redis', 'node', ['tools/evidence/redis.ts']],
  ['redis: size and cost', 'node', ['tools/evidence/redis-cost.ts']],
  ['sql', 'node', ['tools/evidence/sql.ts']],
  ['cache', 'node', ['tools/evidence/cache.ts']],
  ['the auditor on real applications', 'node', ['tools/evidence/audit-applications.ts']],
  ['the auditor side by side', 'node', ['tools/evidence/audit-compared.ts']],
  ['mutation', 'node', ['tools/evidence/mutation.ts']],
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
