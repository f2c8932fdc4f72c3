/** What will be done, and to whom, said before it is. */
import { createInterface } from 'node:readline';
import type { Check } from '../engine/check.ts';
import { AuditError } from '../errors.ts';
import { isOfThisMachine, type Limits, resolveLimits } from '../http/limits.ts';
import type { Account } from '../site/account.ts';
import { secondsWaited } from '../time/control.ts';
import type { Arguments } from './args.ts';

export interface Planned {
  readonly checks: readonly Check[];
  readonly secondAccount: Account | undefined;
  /** Those that the recipe names. */
  readonly hosts: readonly string[];
}

export const ONLY_WITH_CONSENT = 'Go on only if the site is yours, or its owner has agreed.';

/** Somebody else's machine is not touched before somebody has agreed. */
export async function mayStart(chosen: Arguments, planned: Planned): Promise<boolean> {
  const target = new URL(chosen.target);
  const hosts = [...new Set([target.host, ...chosen.hosts, ...planned.hosts])];
  if (chosen.isSure || hosts.every(isOfThisMachine)) return true;
  const waited =
    chosen.patience === undefined ? 0 : secondsWaited({ kind: 'waited', atMost: chosen.patience });
  const limits = resolveLimits(target, chosen.limits, waited, hosts);
  const users = [chosen.user, planned.secondAccount?.user].filter(Boolean).join(' and ');
  const who =
    chosen.user === undefined
      ? 'without signing in'
      : `signing in as ${users} several times, and once with a wrong password`;
  const changes =
    chosen.allow.length > 0
      ? ` and may do: ${chosen.allow.join(', ')}`
      : ', and changes nothing but its own sessions';
  process.stderr.write(
    `This sends ${budgetOf(limits)}, to ${hosts.join(', ')}, ${who}.\n` +
      `It runs ${planned.checks.length} checks${changes}.\n` +
      `${ONLY_WITH_CONSENT}\n`,
  );
  if (!process.stdin.isTTY) {
    process.stderr.write('To start without being asked: --yes\n');
    return false;
  }
  return /^y(?:es)?$/i.test((await answerTo('Start? [y/N] ')).trim());
}

/** @returns what was typed, nothing at the end of input; @throws AuditError `interrupted` at Ctrl-C */
async function answerTo(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((done, failed) => {
      terminal.once('SIGINT', () => {
        process.stderr.write('\n');
        failed(new AuditError('interrupted', 'stopped: nothing was sent'));
      });
      terminal.once('close', () => done(''));
      terminal.question(question, done);
    });
  } finally {
    terminal.close();
  }
}

export function budgetOf({ requests, perSecond, seconds }: Limits): string {
  return `up to ${requests} requests, ${perSecond} a second, for up to ${seconds} s`;
}
