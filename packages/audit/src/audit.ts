/** An audit from the first request to the report. */
import { type Clock, systemClock } from './clock.ts';
import { isAuditError } from './errors.ts';
import { checks as allChecks } from './checks/index.ts';
import type { Check, Permission } from './engine/check.ts';
import type { SignedIn } from './engine/context.ts';
import { hasSecondWorked } from './engine/identity.ts';
import { findProofs, findProofsAnew } from './engine/proofs.ts';
import type { CheckResult, Report } from './engine/report.ts';
import { type Progress, runChecks } from './engine/scheduler.ts';
import { type Limits, resolveLimits } from './http/limits.ts';
import type { RawSink } from './http/transcript.ts';
import { TIMEOUTS, type Timeouts, timeoutsOf } from './profiles.ts';
import type { Recipe } from './recipe/recipe.ts';
import { type Account, createGate } from './site/account.ts';
import { findEntrance } from './site/find-test.ts';
import { type Holding, only } from './site/holding.ts';
import type { Verdict } from './site/signed-in-test.ts';
import { targetOf } from './target.ts';
import { secondsWaited, type TimeControl } from './time/control.ts';
import { openSite } from './site/open.ts';
import type { Site } from './site/site.ts';
import { stacks } from './stacks/index.ts';
import { type Recognised, recognise } from './stacks/recognise.ts';

export interface AuditOptions {
  /** Where the site is; its host is the only one spoken to unless `hosts` or the recipe name others. */
  readonly target: string | URL;
  /** Whom to sign in as. Default: nobody, and only the checks that need no account run. */
  readonly account?: Account;
  /** Another account of the site, for what takes two. Default: none, and that is not judged. */
  readonly secondAccount?: Account;
  /** How to sign in and out. Default: found out. */
  readonly recipe?: Recipe;
  /** Further hosts. Default: none. */
  readonly hosts?: readonly string[];
  /** What the checks may change on the site. Default: nothing. */
  readonly allow?: readonly Permission[];
  /** Which checks run. Default: all. */
  readonly checks?: readonly Check[];
  /** What the audit allows itself; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Go on where the certificate is not trusted. Default: false. */
  readonly acceptsAnyCertificate?: boolean;
  /** Ends the audit early; the report has what is known by then. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Receives every exchange with its secrets. Default: nobody. */
  readonly rawTranscript?: RawSink;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** How time goes by for the target, for what needs hours: `startTarget` has one. Default: it does not, and that is not judged. */
  readonly time?: TimeControl;
  /** What to say where there is none. */
  readonly whyNoTime?: string;
  /** After how long sessions have to be over, where the recipe does not say. Default: `TIMEOUTS.none`. */
  readonly timeouts?: Timeouts;
}

/** @throws AuditError `usage` for a target that is no address, TypeError for a limit that is none. */
export async function audit(options: AuditOptions): Promise<Report> {
  const { clock = systemClock, recipe = {}, account } = options;
  const target = targetOf(options.target);
  const hosts = [...(options.hosts ?? []), ...(recipe.hosts ?? [])];
  const limits = resolveLimits(target, options.limits, secondsWaited(options.time), hosts);
  const { site, close } = openSite({
    target,
    hosts,
    limits,
    clock,
    secrets: [
      ...(account ? [[account.password, 'password'] as const] : []),
      ...(options.secondAccount ? [[options.secondAccount.password, 'second password'] as const] : []),
    ],
    acceptsAnyCertificate: options.acceptsAnyCertificate === true,
    rawTranscript: options.rawTranscript,
    signal: options.signal,
  });
  const permissions = new Set(options.allow);
  const startedAt = clock.now();
  let signedIn: SignedIn | undefined;
  let whyNot = 'no account was given: --user and --password-env, or a recipe';
  let stopped: string | undefined;
  try {
    if (account) {
      try {
        signedIn = await enter(site, recipe, account);
      } catch (error) {
        if (!isAuditError(error)) throw error;
        whyNot = site.mask.apply(`signing in did not work: ${error.message}`);
        stopped = whyNot;
      }
    }
    const results = await runChecks(options.checks ?? allChecks, {
      site,
      recipe,
      permissions,
      secondAccount: options.secondAccount,
      time: options.time,
      whyNoTime: options.whyNoTime,
      timeouts: timeoutsOf(options.timeouts ?? TIMEOUTS.none, recipe.timeouts),
      signedIn,
      whyNot,
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    const recognised = signedIn && recogniseFrom(signedIn);
    const cutShort = results.find(({ because }) => because === 'stopped');
    if (cutShort) stopped = cutShort.summary;
    stopped ??= whyNothingAnswered(site, results);
    return {
      format: 'holdfast-audit/1',
      target: target.href,
      startedAt: new Date(startedAt).toISOString(),
      seconds: Math.round((clock.now() - startedAt) / 100) / 10,
      requests: site.client.used.requests,
      ...(signedIn && { signIn: signInOf(signedIn, options, site) }),
      ...recognisedOf(recognised, site),
      ...(stopped !== undefined && { stopped }),
      checks: results.map((result) => withFix(result, recognised)),
      exchanges: exchangesOf(results, site),
    };
  } finally {
    await close();
  }
}

/** Signs in, finds how to tell that one is, and what proves it. */
async function enter(site: Site, recipe: Recipe, account: Account): Promise<SignedIn> {
  const pages: URL[] = [];
  const gate = createGate(site, recipe, () => pages);
  const entrance = await findEntrance(site, gate, recipe, account);
  pages.push(
    ...new Map([entrance.landing, entrance.test.page, site.target].map((url) => [url.href, url])).values(),
  );
  const fresh = site.visitor('signed in');
  const answers = await gate.signIn(fresh, account);
  const held = fresh.holdings();
  const { test } = entrance;
  const judge = async (holdings: readonly Holding[]): Promise<Verdict> =>
    test.judge(await site.replay(holdings, test.page, 'with a part of what it holds'));
  const alone = await findProofs(held, { url: test.page, now: site.clock.now() }, judge);
  const proofs = alone.isProven
    ? alone
    : ((await findProofsAnew([...alone.keys], async (keys) => {
        const { issued } = await again(site, gate, account);
        return judge(only(issued, keys));
      })) ?? alone);
  // Where leaving out used the session up, another one is needed to look at.
  const observed = alone.isProven
    ? { visitor: fresh, answers, issued: held }
    : await again(site, gate, account);
  const session = { ...observed, proof: only(observed.issued, proofs.keys) };
  return { account, gate, entrance, proofs, observed: session };
}

async function again(
  site: Site,
  gate: ReturnType<typeof createGate>,
  account: Account,
): Promise<Pick<SignedIn['observed'], 'visitor' | 'answers' | 'issued'>> {
  const visitor = site.visitor('signed in');
  const answers = await gate.signIn(visitor, account);
  return { visitor, answers, issued: visitor.holdings() };
}

function signInOf(
  { account, gate, entrance, proofs }: SignedIn,
  { secondAccount }: Pick<AuditOptions, 'secondAccount'>,
  site: Site,
): NonNullable<Report['signIn']> {
  const secondWorked = hasSecondWorked(site);
  return {
    user: account.user,
    ...(secondAccount && secondWorked === true && { secondUser: secondAccount.user }),
    ...(secondAccount && secondWorked === false && { secondUserFailed: secondAccount.user }),
    ...(gate.signInPage && { page: site.mask.apply(gate.signInPage.href) }),
    test: site.mask.apply(entrance.test.explanation),
    proofs: proofs.sets,
  };
}

function recogniseFrom({ observed }: SignedIn): Recognised | undefined {
  const { proof, visitor, answers } = observed;
  const cookies = visitor.jar.received.flatMap(({ parsed }) => parsed?.name ?? []);
  return recognise({ proof, cookies, answers }, stacks);
}

function recognisedOf(recognised: Recognised | undefined, site: Site): Pick<Report, 'recognised'> {
  if (!recognised) return {};
  const { id, name, session } = recognised.stack;
  return {
    recognised: { id, name, session, because: recognised.because.map((text) => site.mask.apply(text)) },
  };
}

function withFix(result: CheckResult, recognised: Recognised | undefined): CheckResult {
  const fix = recognised?.stack.fixes[result.id];
  return fix === undefined || result.outcome !== 'found'
    ? result
    : { ...result, fixHere: `${recognised?.stack.name}: ${fix}` };
}

/** Without a single answer nothing was looked at, whoever asked. */
function whyNothingAnswered({ transcript }: Site, results: readonly CheckResult[]): string | undefined {
  const fault = results.find(({ because }) => because === 'fault');
  if (!fault || transcript.exchanges.some(({ answer }) => answer)) return undefined;
  return `the site did not answer: ${fault.summary}`;
}

/** How many exchanges of one step a report shows. */
const EXCHANGES_OF_A_STEP = 12;

function exchangesOf(results: readonly CheckResult[], site: Site): Report['exchanges'] {
  const wanted = new Set<number>();
  for (const { evidence } of results) {
    for (const { exchanges } of evidence.steps) {
      if (!exchanges) continue;
      const [first, last] = exchanges;
      for (let number = first; number <= Math.min(last, first + EXCHANGES_OF_A_STEP - 1); number++)
        wanted.add(number);
    }
  }
  return site.transcript.exchanges.filter(({ number }) => wanted.has(number));
}
