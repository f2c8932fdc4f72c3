/** The command line, read and explained. */
import { parseArgs } from 'node:util';
import { AuditError } from '../errors.ts';
import { type Permission, SEVERITIES, type Severity } from '../engine/check.ts';
import { isLoopback, type Limits } from '../http/limits.ts';
import { targetOf } from '../target.ts';
import { isProfile, type ProfileName, PROFILES } from '../profiles.ts';
import { readDuration } from '../time/duration.ts';

export const HELP: string = `holdfast-audit: signs in to a site, and proves which attacks on its sessions work.

  holdfast-audit <url>                               what can be seen without an account
  holdfast-audit <url> --user ada --password-env PW  finds the sign-in form by itself, in Chromium
                                                     where a script makes it
  holdfast-audit <url> --user ada --password-env PW --recipe sessions.yaml

Only for sites that are yours, or whose owner has agreed.

Signing in
  --user NAME            whom to sign in as
  --password-env NAME    the environment variable with the password
  --second-user NAME, --second-password-env NAME
                         another account, for what takes two
  --recipe FILE          how to sign in, tell that one is, and sign out (YAML)
  --record [FILE]        writes such a recipe (sessions.yaml): opens Chromium, and you sign
                         in and out there once
  --host HOST            another host that may be spoken to; can be repeated
  --insecure             go on where the certificate is not trusted

What is done
  --profile NAME         what is asked for: ${PROFILES.join(', ')}
  --only ID              only this check; can be repeated
  --start COMMAND        starts the site itself, and ends it; where libfaketime is
                         installed its clock is moved, and limits on time are tested
  --patience TIME        waits for limits on time instead, up to so long for each, as in 62m
  --allow WHAT           password-change, state-change: may change that on the site
  --yes                  start without asking, where the site is not on this machine
  --requests N           at most so many requests (2000)
  --seconds N            at most so long (600)
  --rate N               requests a second (200 on this machine, 20 elsewhere)

Reports
  --json, --markdown, --sarif, --junit, --html FILE
  --raw-transcript FILE  every request and answer, WITH its secrets
  --quiet                only the report; --ci: only the last lines
  --list                 the checks there are

Exit code
  --fail-on SEVERITY     1 from this severity on (low): ${SEVERITIES.join(', ')}, never
  --baseline FILE        findings that are accepted do not count
  --write-baseline FILE  accepts all that was found; write the reasons yourself

  0 nothing found, 1 found, 2 wrong usage, 130 interrupted,
  3 nothing found, but the audit could not be done, or not to its end
`;

export interface Arguments {
  readonly target: string;
  readonly user?: string;
  readonly passwordEnv?: string;
  readonly secondUser?: string;
  readonly secondPasswordEnv?: string;
  readonly recipe?: string;
  /** Where a recipe is written, instead of an audit. */
  readonly record?: string;
  readonly hosts: readonly string[];
  readonly insecure: boolean;
  readonly profile?: ProfileName;
  readonly only: readonly string[];
  readonly allow: readonly Permission[];
  readonly isSure: boolean;
  /** For the shell. */
  readonly start?: string;
  /** In milliseconds. */
  readonly patience?: number;
  readonly limits: Partial<Limits>;
  readonly files: Readonly<Partial<Record<FileKind, string>>>;
  readonly verbosity: 'live' | 'quiet' | 'ci';
  readonly failOn: Severity | 'never';
  readonly baseline?: string;
}

export type FileKind = 'json' | 'markdown' | 'sarif' | 'junit' | 'html' | 'raw-transcript' | 'write-baseline';

const FILES: readonly FileKind[] = [
  'json',
  'markdown',
  'sarif',
  'junit',
  'html',
  'raw-transcript',
  'write-baseline',
];
/** What says how an audit is done, or what is made of it: nothing of a recording. */
const OF_AN_AUDIT = [
  'second-user',
  'second-password-env',
  'profile',
  'only',
  'allow',
  'patience',
  ...FILES,
  'baseline',
  'fail-on',
  'quiet',
  'ci',
] as const;
const LIMITS = { requests: 'requests', seconds: 'seconds', rate: 'perSecond' } as const;
const PERMISSIONS: readonly Permission[] = ['password-change', 'state-change'];

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

/** @returns what to do, or which text to show instead; @throws AuditError `usage` */
export function readArguments(args: readonly string[]): Arguments | 'help' | 'list' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (values.list) return 'list';
  const [target, ...more] = positionals;
  if (target === undefined) throw usage('write the address of a site; --help says what else there is');
  targetOf(target);
  if (more.length > 0) throw usage(`one address at a time, and not also ${more.join(' ')}`);
  if ((values.user === undefined) !== (values['password-env'] === undefined)) {
    throw usage('--user and --password-env belong together');
  }
  if ((values['second-user'] === undefined) !== (values['second-password-env'] === undefined)) {
    throw usage('--second-user and --second-password-env belong together');
  }
  if (values.record !== undefined && values.recipe !== undefined) {
    throw usage('--record writes a recipe, and --recipe reads one: one at a time');
  }
  const unused = values.record === undefined ? [] : OF_AN_AUDIT.filter((it) => values[it] !== undefined);
  if (unused.length > 0) {
    const named = unused.map((it) => `--${it}`).join(', ');
    throw usage(`--record writes a recipe and audits nothing: leave out ${named}`);
  }
  if (values.profile !== undefined && !isProfile(values.profile)) {
    throw usage(`--profile: write one of ${PROFILES.join(', ')}`);
  }
  const failOn = values['fail-on'] ?? 'low';
  if (failOn !== 'never' && !(SEVERITIES as readonly string[]).includes(failOn)) {
    throw usage(`--fail-on: write one of ${SEVERITIES.join(', ')}, never`);
  }
  const allow = (values.allow ?? []).flatMap((it) => it.split(','));
  const unknown = allow.find((it) => !(PERMISSIONS as readonly string[]).includes(it));
  if (unknown !== undefined)
    throw usage(`--allow: there is no ${unknown}; write one of ${PERMISSIONS.join(', ')}`);
  const noHost = values.host?.find((it) => /[/?#@\s]/.test(it) || !URL.canParse(`http://${it}`));
  if (noHost !== undefined) throw usage(`--host: ${noHost} is no host; write one like api.example:8443`);
  const files = Object.fromEntries(
    FILES.flatMap((kind) => (values[kind] === undefined ? [] : [[kind, values[kind]]])),
  );
  return {
    target,
    ...(values.user !== undefined && { user: values.user }),
    ...(values['password-env'] !== undefined && { passwordEnv: values['password-env'] }),
    ...(values['second-user'] !== undefined && { secondUser: values['second-user'] }),
    ...(values['second-password-env'] !== undefined && {
      secondPasswordEnv: values['second-password-env'],
    }),
    ...(values.recipe !== undefined && { recipe: values.recipe }),
    ...(values.record !== undefined && { record: values.record }),
    hosts: values.host ?? [],
    insecure: values.insecure === true,
    ...(values.profile !== undefined && isProfile(values.profile) && { profile: values.profile }),
    only: values.only ?? [],
    allow: allow as Permission[],
    isSure: values.yes === true,
    ...(values.start !== undefined && { start: startable(values.start, target) }),
    ...(values.patience !== undefined && { patience: readDuration(values.patience, '--patience') }),
    limits: Object.fromEntries(
      Object.entries(LIMITS).flatMap(([option, name]) => {
        const value = values[option as keyof typeof LIMITS];
        return value === undefined ? [] : [[name, positive(option, value)]];
      }),
    ),
    files,
    verbosity: values.ci ? 'ci' : values.quiet ? 'quiet' : 'live',
    failOn: failOn as Severity | 'never',
    ...(values.baseline !== undefined && { baseline: values.baseline }),
  };
}

const RECORDED = 'sessions.yaml';

/** `--record` alone names no file: what follows is another option, or the address. */
function withFile(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const next = args[index + 1];
    const isAlone = next === undefined || next.startsWith('-') || URL.canParse(next);
    return arg === '--record' && isAlone ? `--record=${RECORDED}` : arg;
  });
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the options say it.
function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: withFile(args),
      allowPositionals: true,
      options: {
        user: text,
        'password-env': text,
        'second-user': text,
        'second-password-env': text,
        recipe: text,
        record: text,
        host: list,
        insecure: flag,
        profile: text,
        only: list,
        allow: list,
        yes: flag,
        start: text,
        patience: text,
        requests: text,
        seconds: text,
        rate: text,
        json: text,
        markdown: text,
        sarif: text,
        junit: text,
        html: text,
        'raw-transcript': text,
        'write-baseline': text,
        baseline: text,
        'fail-on': text,
        quiet: flag,
        ci: flag,
        list: flag,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

function startable(command: string, target: string): string {
  if (command.trim() === '') throw usage('--start: write the command that starts the site');
  if (!isLoopback(new URL(target).hostname))
    throw usage('--start: what is started here answers on this machine, so write an address of localhost');
  return command;
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!(Number.isFinite(number) && number > 0)) throw usage(`--${option}: ${value} is no positive number`);
  return number;
}

function usage(message: string): AuditError {
  return new AuditError('usage', message);
}
