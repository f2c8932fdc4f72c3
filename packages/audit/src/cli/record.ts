/** `--record`: a person signs in and out once, the recipe is written, and played. */
import { stat, writeFile } from 'node:fs/promises';
import { record, type RecordOptions } from '../browser/record.ts';
import { systemClock } from '../clock.ts';
import { AuditError } from '../errors.ts';
import { type Limits, resolveLimits } from '../http/limits.ts';
import { draftOf } from '../recording/draft.ts';
import { hostsToTry } from '../recording/hosts.ts';
import type { Step } from '../recipe/recipe.ts';
import { sayStep } from '../recording/say.ts';
import { type Attempt, type Trial, tryDraft } from '../recording/trial.ts';
import { writeRecipe } from '../recording/write.ts';
import { printable } from '../report/terminal.ts';
import type { Account } from '../site/account.ts';
import { openSite } from '../site/open.ts';
import type { Arguments } from './args.ts';
import { budgetOf, ONLY_WITH_CONSENT } from './consent.ts';
import { refuseUnwritable } from './files.ts';

export interface Recording extends RecordOptions {
  /** Where the recipe goes. */
  readonly file: string;
  readonly hosts: readonly string[];
  readonly limits: Partial<Limits>;
  /** Who signs in, where the fields of the page might not tell. */
  readonly account?: Account;
  /** The command that started the site, to be said with the next one. */
  readonly start?: string;
}

const FAILED = 3;

/** As the command line says. @returns the exit code */
export function recordFor(
  chosen: Arguments,
  file: string,
  account: Account | undefined,
  signal: AbortSignal,
): Promise<number> {
  return recordRecipe(
    {
      target: new URL(chosen.target),
      file,
      hosts: chosen.hosts,
      limits: chosen.limits,
      acceptsAnyCertificate: chosen.insecure,
      signal,
      ...(account && { account }),
      ...(chosen.start !== undefined && { start: chosen.start }),
    },
    (line) => process.stdout.write(`${printable(line)}\n`),
  );
}

/** @returns the exit code: whether what was written works */
export async function recordRecipe(chosen: Recording, say: (line: string) => void): Promise<number> {
  const { target, file, account } = chosen;
  const limits = resolveLimits(target, chosen.limits, 0, chosen.hosts);
  const moments = await record({ ...chosen, onOpen: () => explain(chosen, limits, say) });
  if (chosen.signal?.aborted) throw new AuditError('interrupted', 'stopped: nothing is written');
  const draft = draftOf(moments, target, account);
  if (!draft) {
    throw new AuditError(
      'sign_in_failed',
      'nobody has typed a password, so nothing is written. Where the page does not hide what is typed, name who signs in: --user and --password-env',
    );
  }
  const hosts = [...new Set([...chosen.hosts, ...hostsToTry(draft, target)])];
  if (hosts.length > 0) say(`It is tried at ${[target.host, ...hosts].join(', ')}.`);
  const { secrets } = draft.story;
  const { site, close } = openSite({
    target,
    hosts,
    limits: resolveLimits(target, chosen.limits, 0, hosts),
    clock: systemClock,
    secrets: secrets.map((it) => [it, it === draft.account.password ? 'password' : 'typed secret'] as const),
    acceptsAnyCertificate: chosen.acceptsAnyCertificate,
    signal: chosen.signal,
  });
  try {
    const trial = await tryDraft(site, draft);
    const text = writeRecipe(trial.recipe, [`Recorded at ${target.origin}.`], secrets);
    await writeFile(file, text, { flag: 'wx' });
    for (const line of summaryOf(trial, chosen, draft.account)) say(site.mask.apply(line));
    return trial.signIn.works && trial.signOut?.works !== false ? 0 : FAILED;
  } finally {
    await close();
  }
}

function explain({ target, hosts }: Recording, limits: Limits, say: (line: string) => void): void {
  say(ONLY_WITH_CONSENT);
  say(`Chromium opens ${target.href}. There:`);
  say('  1. sign in,');
  say('  2. open a page that only you may see,');
  say('  3. sign out,');
  say('  4. close the window.');
  say('Then the recipe is tried: that signs in a few times, and once or twice with a wrong password.');
  say(
    `It sends ${budgetOf(limits)}, to ${[target.host, ...hosts].join(', ')}, and to where you were seen to sign in and out.`,
  );
}

function summaryOf(
  { recipe, signIn, signOut }: Trial,
  { target, file, hosts, acceptsAnyCertificate, start }: Recording,
  { user }: Account,
): string[] {
  const name = user === '' ? 'NAME' : quoted(user);
  const further = hosts.map((host) => ` --host ${quoted(host)}`).join('');
  const insecure = acceptsAnyCertificate ? ' --insecure' : '';
  const again = start === undefined ? '' : ` --start ${quoted(start)}`;
  return [
    '',
    ...part('Signing in', recipe.signIn, signIn),
    ...(signOut ? part('Signing out', recipe.signOut, signOut) : ['Signing out: nobody did.']),
    '',
    `${file} is written; the password is not in it. Look at it, and then:`,
    `  PW=… npx @holdfast/audit ${target.href} --user ${name} --password-env PW --recipe ${quoted(file)}${further}${insecure}${again}`,
  ];
}

function part(what: string, steps: readonly Step[] = [], { works, inChromium, says }: Attempt): string[] {
  const how = inChromium ? 'in Chromium: by HTTP alone it can not be done' : 'by HTTP';
  const verdict = works ? `works, ${how}` : 'does not work as it was recorded';
  return [
    `${what} ${verdict}.`,
    ...steps.map((step) => `  ${sayStep(step)}`),
    ...says.map((line) => `  ${line}`),
  ];
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@.+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where the recipe could not be written. @throws AuditError `usage` */
export async function refuseRecording(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new AuditError('usage', `--record: ${file} is there already; name another file, or move it away`);
  await refuseUnwritable('record', file);
}
