// Runs the gates: all of them, or those that are named. `--write` first writes what a gate would compare.
//   npm run gates
//   npm run gates -- exports --write
import type { Gate } from './lib/gate.ts';
import { runGate } from './lib/gate.ts';
import { gate as bundle } from './gates/bundle.ts';
import { gate as canary } from './gates/canary.ts';
import { gate as conformance } from './gates/conformance.ts';
import { gate as docs } from './gates/docs.ts';
import { gate as exports } from './gates/exports.ts';
import { gate as imports } from './gates/imports.ts';
import { gate as packages } from './gates/packages.ts';
import { gate as reference } from './gates/reference.ts';

/** Those that judge what is in the repository, in the order of their cost. */
export const gates: Record<string, Gate> = {
  imports,
  conformance,
  exports,
  reference,
  bundle,
  docs,
  packages,
};

/** Those that judge what a test run left behind. */
export const gatesAfterTests: Record<string, Gate> = { canary };

async function main(args: string[]): Promise<number> {
  const all = { ...gates, ...gatesAfterTests };
  const named = args.filter((argument) => !argument.startsWith('--'));
  const options = args.filter((argument) => argument.startsWith('--'));
  let code = 0;
  for (const name of named.length > 0 ? named : Object.keys(gates)) {
    const gate = all[name];
    if (gate === undefined) {
      console.error(`There is no gate "${name}". There are: ${Object.keys(all).join(', ')}.`);
      return 2;
    }
    console.log(name);
    code = Math.max(code, await runGate(gate, options));
  }
  return code;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
