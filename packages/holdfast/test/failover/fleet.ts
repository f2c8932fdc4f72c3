/** Many browsers on several processes of one application: renewals, tabs, revocations, and a process that dies. */
import { setTimeout as pause } from 'node:timers/promises';
import { chanceOf } from './chance.ts';
import { type Answer, HttpBrowser } from './http-browser.ts';
import { Ledger } from './ledger.ts';
import type { App } from './processes.ts';

export interface FleetOptions {
  readonly apps: readonly App[];
  readonly browsers: number;
  /** How long they are at work, in milliseconds. One process is killed after two fifths of it, and started again after three. */
  readonly lasts: number;
  /** Between what one browser does, on average, in milliseconds. */
  readonly think: number;
  readonly seed: number;
}

export interface FleetReport {
  requests: number;
  /** How often each status was answered; 0 for a connection that broke. */
  readonly statuses: Record<number, number>;
  signIns: number;
  /** Of one session, by its own browser. */
  signOuts: number;
  /** Of one session, by another browser of its user. */
  revocations: number;
  /** Of all sessions of a user, by an administrator or by a browser of theirs. */
  revocationsOfAll: number;
  /** Secrets that the browsers were given in place of an earlier one of the same session. */
  renewals: number;
  authenticated: number;
  refused: number;
  signedOut: readonly string[];
  revived: readonly string[];
  /** Answers other than 200, 409 where something ended the session meanwhile, and connections that broke. */
  readonly faults: string[];
  /** Sessions that are alive and not listed, or listed and dead, when all is over. */
  readonly listedWrongly: string[];
  /** Cookies of ended sessions that were tried again at the end. */
  retried: number;
  longest: number;
}

/** Two browsers each, so that one can end the session of the other. */
const BROWSERS_PER_USER = 2;

export async function runFleet(options: FleetOptions): Promise<FleetReport> {
  const { apps, browsers, lasts } = options;
  const ledger = new Ledger();
  const report = emptyReport(ledger);
  const world: World = { ...options, ledger, report, down: new Set() };
  const visitors = Array.from({ length: browsers }, (_, i) => new Visitor(i, world));
  const endsAt = performance.now() + lasts;
  const [victim] = apps;
  const accident = async (): Promise<void> => {
    await pause(lasts * 0.4);
    if (!victim) return;
    await victim.kill();
    // Until it is noticed.
    await pause(50);
    world.down.add(victim);
    await pause(lasts * 0.2);
    await victim.restart();
    world.down.delete(victim);
  };
  await Promise.all([accident(), ...visitors.map((visitor) => visitor.use(endsAt))]);
  for (const visitor of visitors) await visitor.lookBack();
  report.authenticated = ledger.judged.authenticated;
  report.refused = ledger.judged.refused;
  return report;
}

interface World extends FleetOptions {
  readonly ledger: Ledger;
  readonly report: FleetReport;
  /** Known not to run: a balancer sends nothing there. */
  readonly down: Set<App>;
}

function emptyReport({ judged: { signedOut, revived } }: Ledger): FleetReport {
  return {
    requests: 0,
    statuses: {},
    signIns: 0,
    signOuts: 0,
    revocations: 0,
    revocationsOfAll: 0,
    renewals: 0,
    authenticated: 0,
    refused: 0,
    signedOut,
    revived,
    faults: [],
    listedWrongly: [],
    retried: 0,
    longest: 0,
  };
}

class Visitor {
  readonly #user: string;
  readonly #world: World;
  readonly #chance: () => number;
  readonly #browser = new HttpBrowser();
  #id: string | undefined;
  /** The last cookies of each session of this browser. */
  readonly #cookies = new Map<string, readonly string[]>();

  constructor(number: number, world: World) {
    this.#user = `user-${Math.floor(number / BROWSERS_PER_USER)}`;
    this.#world = world;
    this.#chance = chanceOf(world.seed + number);
  }

  async use(endsAt: number): Promise<void> {
    await pause(this.#world.think * this.#chance());
    while (performance.now() < endsAt) {
      if (this.#id === undefined) await this.#signIn();
      else await this.#act(this.#id, this.#chance());
      await pause(this.#world.think * (0.5 + this.#chance()));
    }
  }

  #act(id: string, what: number): Promise<unknown> {
    if (what < 0.02) return this.#signOut(id);
    if (what < 0.03) return this.#revokeAnother(id);
    if (what < 0.04) return this.#revokeAll(id);
    const tabs = what < 0.3 ? 3 : what < 0.5 ? 2 : 1;
    return Promise.all(Array.from({ length: tabs }, (_, i) => this.#visit(id, i === 1 ? '/write?n=1' : '/')));
  }

  async #ask(path: string, browser = this.#browser): Promise<Answer> {
    const { apps, down, report } = this.#world;
    const up = apps.filter((app) => !down.has(app));
    const app = up[Math.floor(this.#chance() * up.length)];
    if (!app) throw new Error('no process of the application runs');
    const answer = await browser.ask(app.port, path);
    report.requests++;
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
    report.longest = Math.max(report.longest, answer.endedAt - answer.startedAt);
    if (![200, 409, 0].includes(answer.status)) report.faults.push(`${path}: ${answer.status}`);
    return answer;
  }

  /** Whether the session was served; `undefined` where that was not told. */
  async #visit(id: string, path: string, browser = this.#browser): Promise<Answer> {
    const answer = await this.#ask(path, browser);
    const { page, cookie } = answer;
    // Another tab has signed in or out, and this request went out with what came of it.
    if (!page || !cookie.includes(id)) return answer;
    if (!this.#world.ledger.judge(id, page, answer) && this.#id === id) this.#forget();
    return answer;
  }

  #forget(): void {
    const { seen } = this.#browser;
    if (this.#id !== undefined) this.#cookies.set(this.#id, [...seen].slice(-3));
    this.#world.report.renewals += Math.max(0, seen.size - 1);
    seen.clear();
    this.#id = undefined;
  }

  async #signIn(): Promise<void> {
    const { ledger, report } = this.#world;
    const { page, status, startedAt, endedAt } = await this.#ask(`/sign-in?user=${this.#user}`);
    if (!page?.id) {
      if (status === 409) this.#browser.cookie = '';
      return;
    }
    report.signIns++;
    this.#id = page.id;
    this.#browser.seen.clear();
    this.#browser.seen.add(this.#browser.cookie);
    ledger.signedIn(this.#user, page.id, { from: startedAt, to: endedAt });
  }

  async #signOut(id: string): Promise<void> {
    const { ledger, report } = this.#world;
    // A tab that is still at work while another signs out.
    const elsewhere = this.#visit(id, '/');
    const span = ledger.ending(id, performance.now());
    const { page, endedAt } = await this.#visit(id, '/sign-out');
    if (page?.id === id) {
      report.signOuts++;
      ledger.ended(id, span, endedAt);
    }
    await elsewhere;
    if (page && this.#id === id) this.#forget();
  }

  async #revokeAnother(id: string): Promise<void> {
    const { ledger, report } = this.#world;
    const { page: list } = await this.#visit(id, '/list');
    const other = list?.listed?.find((listed) => listed !== id);
    if (other === undefined || this.#id !== id) return;
    const span = ledger.ending(other, performance.now());
    const { page, endedAt } = await this.#visit(id, `/revoke?id=${other}`);
    if (page?.id !== id) return;
    report.revocations++;
    ledger.ended(other, span, endedAt);
  }

  async #revokeAll(id: string): Promise<void> {
    const { ledger, report } = this.#world;
    const isByAdmin = this.#chance() < 0.5;
    const except = isByAdmin ? undefined : id;
    const span = ledger.revoking(this.#user, except, performance.now());
    const { status, page, endedAt } = isByAdmin
      ? await this.#ask(`/admin/revoke-all?user=${this.#user}`, new HttpBrowser())
      : await this.#visit(id, '/revoke-others');
    if (status !== 200 || (!isByAdmin && page?.id !== id)) return;
    report.revocationsOfAll++;
    ledger.revoked(this.#user, except, span, endedAt);
  }

  /** When all is over, what the ledger says is what there is: in the list, and for the last cookie. */
  async lookBack(): Promise<void> {
    const { ledger, report } = this.#world;
    const { alive, dead } = ledger.sessionsOf(this.#user);
    if (this.#id !== undefined) {
      const id = this.#id;
      const { page } = await this.#visit(id, '/list');
      const listed = new Set(page?.listed ?? alive);
      for (const one of alive) if (!listed.has(one)) report.listedWrongly.push(`${one} is not listed`);
      for (const one of dead) if (listed.has(one)) report.listedWrongly.push(`${one} is listed, and dead`);
    }
    if (this.#id !== undefined) this.#forget();
    for (const [id, cookies] of this.#cookies) {
      if (!dead.includes(id)) continue;
      for (const cookie of cookies) {
        const thief = new HttpBrowser();
        thief.cookie = cookie;
        await this.#visit(id, '/', thief);
        report.retried++;
      }
    }
  }
}
