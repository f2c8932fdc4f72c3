/** What a check works with: the site, sessions of its own, and a place for evidence. */
import type { Holding } from '../site/holding.ts';
import { only } from '../site/holding.ts';
import type { Account, Gate } from '../site/account.ts';
import type { Entrance } from '../site/find-test.ts';
import type { SignedInTest, Verdict } from '../site/signed-in-test.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import type { Answer } from '../http/message.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type Control, ControlFailed, type Outcome, type Permission } from './check.ts';
import { TIMEOUTS, type Timeouts } from '../profiles.ts';
import type { TimeControl } from '../time/control.ts';
import type { Proofs } from './proofs.ts';

/** What was done, in words, and the exchanges that it took. */
export interface Step {
  readonly says: string;
  /** First and last number of the transcript; absent where nothing was sent. */
  readonly exchanges?: readonly [first: number, last: number];
}

/** Somebody who is signed in. */
export interface Session {
  readonly visitor: Visitor;
  /** What it held right after the sign-in. */
  readonly issued: readonly Holding[];
  /** The part of it that proves who one is. */
  readonly proof: readonly Holding[];
  /** The answers to the sign-in, from the page with the form on. */
  readonly answers: readonly Answer[];
}

/** The means that exist once the site was signed in to. */
export interface SignedIn {
  readonly account: Account;
  readonly gate: Gate;
  readonly entrance: Entrance;
  readonly proofs: Proofs;
  /** A session that stays signed in, for checks that only look. */
  readonly observed: Session;
}

export interface Evidence {
  readonly steps: Step[];
  readonly controls: Control[];
}

const NO_TIME =
  'it takes longer than an audit: let it start the site with --start, so that the clock can be moved, or wait with --patience 62m';

export class CheckContext {
  readonly site: Site;
  readonly recipe: Recipe;
  readonly permissions: ReadonlySet<Permission>;
  /** Another account, for what takes two. */
  readonly secondAccount: Account | undefined;
  /** How time can go by for the target; absent where it can not. */
  readonly time: TimeControl | undefined;
  readonly whyNoTime: string;
  readonly timeouts: Timeouts;
  readonly evidence: Evidence = { steps: [], controls: [] };
  readonly #signedIn: SignedIn | undefined;
  readonly #outcomes: ReadonlyMap<string, Outcome>;

  constructor(parts: {
    site: Site;
    recipe: Recipe;
    permissions: ReadonlySet<Permission>;
    secondAccount?: Account | undefined;
    time?: TimeControl | undefined;
    whyNoTime?: string | undefined;
    timeouts?: Timeouts | undefined;
    signedIn: SignedIn | undefined;
    outcomes: ReadonlyMap<string, Outcome>;
  }) {
    this.site = parts.site;
    this.recipe = parts.recipe;
    this.permissions = parts.permissions;
    this.secondAccount = parts.secondAccount;
    this.time = parts.time;
    this.whyNoTime = parts.whyNoTime ?? NO_TIME;
    this.timeouts = parts.timeouts ?? TIMEOUTS.none;
    this.#signedIn = parts.signedIn;
    this.#outcomes = parts.outcomes;
  }

  /** The scheduler runs a check that needs an account only where there is one. */
  get signedIn(): SignedIn {
    if (!this.#signedIn) throw new ControlFailed('the site was not signed in to');
    return this.#signedIn;
  }

  get isSignedIn(): boolean {
    return this.#signedIn !== undefined;
  }

  /** Where the sign-in form is, as far as that is known. */
  get signInPage(): URL | undefined {
    return this.#signedIn?.gate.signInPage;
  }

  get test(): SignedInTest {
    return this.signedIn.entrance.test;
  }

  /** What an earlier check came to. */
  outcomeOf(id: string): Outcome['outcome'] | undefined {
    return this.#outcomes.get(id)?.outcome;
  }

  /** Does `work`, and keeps what was sent as evidence for what `says` says. */
  async step<T>(says: string, work: () => Promise<T>): Promise<T> {
    const { exchanges } = this.site.transcript;
    const first = exchanges.length + 1;
    try {
      return await work();
    } finally {
      const last = exchanges.length;
      this.evidence.steps.push({ says, ...(last >= first && { exchanges: [first, last] as const }) });
    }
  }

  /** An observation about something that was sent before. */
  note(says: string, number?: number): void {
    this.evidence.steps.push({ says, ...(number !== undefined && { exchanges: [number, number] as const }) });
  }

  /** @throws ControlFailed, which makes the check inconclusive */
  control(kind: Control['kind'], says: string, holds: boolean): void {
    this.evidence.controls.push({ kind, says, holds });
    if (!holds) throw new ControlFailed(says);
  }

  /** A control over many answers, of which `untold` did not tell: without them nothing is in order. */
  controlAll(says: string, untold: readonly string[]): void {
    const but = untold.length > 0 ? ` (not ${untold.join(', ')})` : '';
    this.control('positive', `${says}${but}`, untold.length === 0);
  }

  /** A new session, of a new visitor and the first account unless others are given. */
  async signIn(
    purpose: string,
    visitor: Visitor = this.site.visitor(purpose),
    account: Account = this.signedIn.account,
  ): Promise<Session> {
    const answers = await this.signedIn.gate.signIn(visitor, account);
    return this.sessionOf(visitor, answers);
  }

  sessionOf(visitor: Visitor, answers: readonly Answer[]): Session {
    const issued = visitor.holdings();
    return { visitor, issued, answers, proof: only(issued, this.signedIn.proofs.keys) };
  }

  /** Whether these holdings, and nothing else, are taken for somebody who is signed in. */
  async judge(holdings: readonly Holding[], purpose: string): Promise<Verdict> {
    return this.test.judge(await this.site.replay(holdings, this.test.page, purpose));
  }

  /** Whether the visitor is signed in, with all that it holds by now. */
  judgeVisitor(visitor: Visitor): Promise<Verdict> {
    return this.judge(visitor.holdings(), visitor.name);
  }
}
