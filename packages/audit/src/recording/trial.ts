/** Plays what was drafted, by HTTP first and in Chromium where that does not do, and keeps what has worked. */
import { isAuditError } from '../errors.ts';
import { createGate } from '../site/account.ts';
import { type Entrance, findEntrance } from '../site/find-test.ts';
import type { Site } from '../site/site.ts';
import { signInByHand, signOutByHand } from './clicks.ts';
import { pathFrom } from './address.ts';
import type { Derived } from './derive.ts';
import type { Draft } from './draft.ts';
import { sentAgain, withHosts } from './hosts.ts';
import type { Recipe, Step } from '../recipe/recipe.ts';

export interface Trial {
  readonly recipe: Recipe;
  readonly signIn: Attempt;
  /** Absent where nobody signed out. */
  readonly signOut?: Attempt;
}

export interface Attempt {
  readonly works: boolean;
  readonly inChromium: boolean;
  /** How it was told that it works; or why it does not, one line for each way that was tried. */
  readonly says: readonly string[];
}

/** One way to do it, and what it is called. */
interface Way {
  readonly inChromium: boolean;
  readonly steps: readonly Step[];
}

export async function tryDraft(site: Site, draft: Draft): Promise<Trial> {
  const { story, byHttp, account } = draft;
  const common: Recipe = { ...(draft.token !== undefined && { token: draft.token }) };
  const said: string[] = [];
  const entered = await firstThat(
    waysOf(byHttp.signIn, signInByHand(story, site.target), said),
    said,
    async (way) => {
      const recipe: Recipe = { ...withToken(common, way), signIn: way.steps };
      const entrance = await findEntrance(
        site,
        createGate(site, recipe, () => []),
        recipe,
        account,
        draft.pages,
      );
      return { way, recipe, entrance };
    },
  );
  // The file has what was seen, for somebody to go on with.
  if (!entered) {
    const recipe = withHosts(sentAgain(draft), draft, site.target);
    return { recipe, signIn: { works: false, inChromium: false, says: said } };
  }
  const { way, entrance } = entered;
  const recipe: Recipe = {
    ...entered.recipe,
    signedIn: { page: pathFrom(site.target, entrance.test.page) },
  };
  const signIn = { works: true, inChromium: way.inChromium, says: [entrance.test.explanation] };
  const out = await trySignOut(site, draft, recipe, entrance);
  return {
    recipe: withHosts({ ...recipe, ...(out?.steps && { signOut: out.steps }) }, draft, site.target),
    signIn,
    ...(out && { signOut: out.attempt }),
  };
}

async function trySignOut(
  site: Site,
  { story, byHttp, account }: Draft,
  recipe: Recipe,
  { test }: Entrance,
): Promise<{ steps?: readonly Step[]; attempt: Attempt } | undefined> {
  const { exit, exitPress } = story;
  if (exit === undefined && exitPress) {
    const says = [`nothing was sent when “${exitPress.text}” was pressed: only the page forgets who one is`];
    return { attempt: { works: false, inChromium: false, says } };
  }
  const said: string[] = [];
  const ways = waysOf(byHttp.signOut, signOutByHand(story, site.target), said);
  if (ways.length === 0 && said.length === 0) return undefined;
  const left = await firstThat(ways, said, async (way) => {
    const gate = createGate(site, { ...recipe, signOut: way.steps }, () => []);
    const visitor = site.visitor('who signs out');
    await gate.signIn(visitor, account);
    const look = async (): Promise<string> =>
      test.judge(await site.replay(visitor.holdings(), test.page, visitor.name));
    const before = await look();
    const answers = await gate.signOut(visitor);
    const after = await look();
    if (before === 'in' && after === 'out') return way;
    // A script throws its token away. Whether the server has ended it is for the audit to say.
    const isAccepted = (answers?.at(-1)?.status ?? 500) < 400;
    if (before === 'in' && visitor.bearer !== undefined && isAccepted) return way;
    said.push(`${nameOf(way)}: the same browser was “${before}” before, and “${after}” after it`);
    return undefined;
  });
  const [first] = ways;
  const steps = (left ?? first)?.steps;
  return {
    ...(steps && { steps }),
    attempt: {
      works: left !== undefined,
      inChromium: (left ?? first)?.inChromium === true,
      says: left ? [] : said,
    },
  };
}

function waysOf(byHttp: Derived | undefined, byHand: Step | undefined, said: string[]): Way[] {
  const ways: Way[] = [];
  if (byHttp && 'steps' in byHttp) ways.push({ inChromium: false, steps: byHttp.steps });
  else if (byHttp) said.push(`by HTTP: ${byHttp.why}`);
  if (byHand) ways.push({ inChromium: true, steps: [byHand] });
  return ways;
}

function nameOf({ inChromium }: Way): string {
  return inChromium ? 'in Chromium' : 'by HTTP';
}

/** The result of the first way that has one. Why others have none is `said`. */
async function firstThat<T>(
  ways: readonly Way[],
  said: string[],
  attempt: (way: Way) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const way of ways) {
    try {
      const result = await attempt(way);
      if (result !== undefined) return result;
    } catch (error) {
      if (!isAuditError(error) || error.code === 'interrupted') throw error;
      said.push(`${nameOf(way)}: ${error.message}`);
    }
  }
  return undefined;
}

/** In Chromium the token is seen where it is sent. */
function withToken(common: Recipe, { inChromium }: Way): Recipe {
  if (!inChromium) return common;
  const { token: _, ...rest } = common;
  return rest;
}
