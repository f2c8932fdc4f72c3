/** The command: reads arguments and files, runs the audit, writes the reports. */
import { writeFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { systemClock } from '../clock.ts';
import { checks as allChecks } from '../checks/index.ts';
import { AuditError, isAuditError } from '../errors.ts';
import type { Check } from '../engine/check.ts';
import type { Report } from '../engine/report.ts';
import type { Progress } from '../engine/scheduler.ts';
import { checksOf, TIMEOUTS } from '../profiles.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { readRecipe } from '../recipe/read.ts';
import { type StartedTarget, startTarget } from '../start/target.ts';
import { type TimeControl, waitingTime } from '../time/control.ts';
import type { Account } from '../site/account.ts';
import { baselineOf, readBaseline, withBaseline } from '../report/baseline.ts';
import { junitReport } from '../report/junit.ts';
import { markdownReport } from '../report/markdown.ts';
import { sarifReport } from '../report/sarif.ts';
import { htmlReport } from '../report/html.ts';
import { printable, progressLine, terminalReport } from '../report/terminal.ts';
import { openFindings, rank } from '../report/wording.ts';
import { type Arguments, type FileKind, HELP, readArguments } from './args.ts';
import { mayStart } from './consent.ts';
import { openRaw, readText, refuseUnwritable, unwritable } from './files.ts';
import { recordFor, refuseRecording } from './record.ts';
import { stopBySignals } from './signals.ts';

const WRITERS: Readonly<Partial<Record<FileKind, (report: Report) => string>>> = {
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  markdown: markdownReport,
  sarif: sarifReport,
  junit: junitReport,
  html: htmlReport,
  'write-baseline': baselineOf,
};

/** @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const read = readArguments(args);
    if (read === 'help') return say(HELP);
    if (read === 'list')
      return say(`${allChecks.map(({ id, title }) => `${id.padEnd(24)}${title}`).join('\n')}\n`);
    return await perform(read);
  } catch (error) {
    if (!isAuditError(error) && !(error instanceof TypeError)) throw error;
    process.stderr.write(`holdfast-audit: ${printable(error.message)}\n`);
    if (isAuditError(error, 'interrupted')) return 130;
    return isAuditError(error) && error.code !== 'usage' && error.code !== 'recipe' ? 3 : 2;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function perform(chosen: Arguments): Promise<number> {
  const recipe = chosen.recipe === undefined ? {} : readRecipe(await readText(chosen.recipe));
  const baseline =
    chosen.baseline === undefined ? { accepted: [] } : readBaseline(await readText(chosen.baseline));
  const account = accountOf(chosen);
  const secondAccount = secondAccountOf(chosen, recipe);
  const checks = chosenChecks(chosen);
  for (const [kind, file] of Object.entries(chosen.files)) await refuseUnwritable(kind, file);
  if (chosen.record !== undefined) await refuseRecording(chosen.record);
  else if (!(await mayStart(chosen, { checks, secondAccount, hosts: recipe.hosts ?? [] }))) return 2;

  const stop = new AbortController();
  const leave = stopBySignals(stop);
  const rawFile = chosen.files['raw-transcript'];
  const raw = rawFile === undefined ? undefined : await openRaw(rawFile);
  let started: StartedTarget | undefined;
  try {
    started = await startOf(chosen, [account, secondAccount], stop.signal);
    if (chosen.record !== undefined) return await recordFor(chosen, chosen.record, account, stop.signal);
    const time = timeOf(chosen, started, stop.signal);
    const report = withBaseline(
      {
        ...(await audit({
          target: chosen.target,
          recipe,
          hosts: chosen.hosts,
          allow: chosen.allow,
          checks,
          limits: chosen.limits,
          acceptsAnyCertificate: chosen.insecure,
          signal: stop.signal,
          timeouts: TIMEOUTS[chosen.profile ?? 'none'],
          ...(time && { time }),
          ...(started?.whyNoTime !== undefined && { whyNoTime: started.whyNoTime }),
          ...(account && { account }),
          ...(secondAccount && { secondAccount }),
          ...(raw && { rawTranscript: raw.write }),
          ...(chosen.verbosity === 'live' && { onProgress: liveProgress() }),
        })),
        ...(chosen.profile && { profile: chosen.profile }),
      },
      baseline,
    );
    const whole = withOutput(report, started);
    await writeReports(whole, chosen);
    return exitCode(whole, chosen, stop.signal.aborted);
  } finally {
    // Of an audit the report has it.
    if (chosen.record !== undefined && started?.ended !== undefined) sayOutput(started);
    await started?.stop();
    await raw?.close();
    await leave();
  }
}

function startOf(
  { start, target }: Arguments,
  accounts: readonly (Account | undefined)[],
  signal: AbortSignal,
): Promise<StartedTarget> | undefined {
  if (start === undefined) return undefined;
  return startTarget({
    command: start,
    target: new URL(target),
    signal,
    secrets: accounts.flatMap((account) => account?.password ?? []),
  });
}

/** Who asks to wait is not to be told that the clock could have been moved. */
function timeOf(
  { patience }: Arguments,
  started: StartedTarget | undefined,
  signal: AbortSignal,
): TimeControl | undefined {
  return patience === undefined ? started?.time : waitingTime(systemClock, patience, signal);
}

/** What the target said last explains why it could not be audited. */
function withOutput(report: Report, started: StartedTarget | undefined): Report {
  if (!started || (report.stopped === undefined && started.ended === undefined)) return report;
  return { ...report, targetOutput: sayOutput(started) };
}

function sayOutput({ ended, lines }: StartedTarget): string[] {
  const last = lines();
  const why = ended === undefined ? '' : `; ${ended}`;
  process.stderr.write(
    `holdfast-audit: the target said last${why}:\n${last.map((line) => `  ${printable(line)}\n`).join('')}`,
  );
  return last;
}

function accountOf({ user, passwordEnv }: Arguments): Account | undefined {
  if (user === undefined || passwordEnv === undefined) return undefined;
  return { user, password: passwordIn(passwordEnv, '--password-env') };
}

/** What the command line says goes before what the recipe says. */
function secondAccountOf(
  { secondUser, secondPasswordEnv }: Arguments,
  { secondAccount }: Recipe,
): Account | undefined {
  if (secondUser !== undefined && secondPasswordEnv !== undefined)
    return { user: secondUser, password: passwordIn(secondPasswordEnv, '--second-password-env') };
  if (!secondAccount) return undefined;
  const { user, passwordEnv } = secondAccount;
  return { user, password: passwordIn(passwordEnv, 'the recipe, secondAccount') };
}

function passwordIn(name: string, whoAsks: string): string {
  const password = process.env[name];
  if (password === undefined || password === '')
    throw new AuditError('usage', `${whoAsks}: the environment has no ${name}`);
  return password;
}

function chosenChecks({ only, profile }: Arguments): readonly Check[] {
  const unknown = only.find((id) => !allChecks.some((check) => check.id === id));
  if (unknown !== undefined)
    throw new AuditError('usage', `--only: there is no check ${unknown}; --list says which there are`);
  const asked = profile ? checksOf(profile, allChecks) : allChecks;
  const unasked = only.find((id) => !asked.some((check) => check.id === id));
  if (unasked !== undefined)
    throw new AuditError('usage', `--only: ${profile} does not ask for ${unasked}; leave one of the two out`);
  return only.length === 0 ? asked : asked.filter(({ id }) => only.includes(id));
}

function liveProgress(): (progress: Progress) => void {
  const isTerminal = process.stderr.isTTY;
  return ({ check, index, total, requests, seconds, result }) => {
    const line = `${index + 1}/${total}`.padEnd(7);
    if (result) {
      process.stderr.write(
        `${isTerminal ? '\r\u001B[K' : ''}${line}${progressLine(result, { isColoured: isTerminal })}\n`,
      );
    } else if (isTerminal) {
      process.stderr.write(`\r\u001B[K${line}… ${check.id}, ${requests} requests, ${Math.round(seconds)} s`);
    }
  };
}

async function writeReports(report: Report, { files, verbosity }: Arguments): Promise<void> {
  for (const [kind, writer] of Object.entries(WRITERS)) {
    const file = files[kind as FileKind];
    if (file !== undefined)
      await writeFile(file, writer(report)).catch(() => Promise.reject(unwritable(kind, file)));
  }
  const whole = terminalReport(report, { isColoured: process.stdout.isTTY && verbosity !== 'ci' });
  const last = report.stopped === undefined ? -2 : -3;
  process.stdout.write(
    verbosity === 'ci' ? `${whole.trimEnd().split('\n').slice(last).join('\n')}\n` : whole,
  );
}

function exitCode(report: Report, { failOn, user }: Arguments, wasInterrupted: boolean): number {
  if (wasInterrupted) return 130;
  const counts = openFindings(report).some(
    ({ finding }) => failOn !== 'never' && rank(finding.severity) >= rank(failOn),
  );
  if (counts) return 1;
  // An account that could not be used, a site that could not be looked at, an audit that was cut short: no good news.
  const isUnused = user !== undefined && !report.signIn;
  return isUnused || report.stopped !== undefined ? 3 : 0;
}
