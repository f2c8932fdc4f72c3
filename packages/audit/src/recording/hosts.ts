/** Which hosts a recipe that was recorded speaks to. */
import { isLoopback } from '../http/limits.ts';
import type { Draft } from './draft.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** What was seen to be sent, as far as it can be sent again. */
export function sentAgain({ byHttp, token }: Draft): Recipe {
  return {
    ...(token !== undefined && { token }),
    ...('steps' in byHttp.signIn && { signIn: byHttp.signIn.steps }),
    ...(byHttp.signOut && 'steps' in byHttp.signOut && { signOut: byHttp.signOut.steps }),
  };
}

/** All that may be needed to try it, whichever way. */
export function hostsToTry(draft: Draft, target: URL): string[] {
  return others([...hostsOf(sentAgain(draft), target), ...siblings(draft, target)], target);
}

/** A page in Chromium asks those beside its own that it has asked before. */
export function withHosts(recipe: Recipe, draft: Draft, target: URL): Recipe {
  const steps = [...(recipe.signIn ?? []), ...(recipe.signOut ?? [])];
  const inChromium = steps.some((step) => 'browser' in step);
  const hosts = others([...hostsOf(recipe, target), ...(inChromium ? siblings(draft, target) : [])], target);
  return hosts.length === 0 ? recipe : { hosts, ...recipe };
}

function hostsOf({ signIn = [], signOut = [], signedIn }: Recipe, target: URL): string[] {
  const steps = [...signIn, ...signOut].map((step) => {
    if ('open' in step) return step.open;
    return 'request' in step ? (step.request.split(' ')[1] ?? '/') : step.browser;
  });
  return [...steps, signedIn?.page ?? '/'].map((path) => new URL(path, target).host);
}

/**
 * What is below the own host, or below `shop.example` where that is `www.shop.example`, and other ports of this machine. What
 * stands beside it may be a stranger's, as at `github.io`.
 */
function siblings({ story }: Draft, target: URL): string[] {
  const family = target.hostname.replace(/^www\./, '');
  return story.exchanges
    .map(({ answer }) => answer.request.url)
    .filter(({ hostname }) => {
      if (isLoopback(target.hostname)) return isLoopback(hostname);
      return hostname === family || hostname.endsWith(`.${family}`);
    })
    .map(({ host }) => host);
}

function others(hosts: readonly string[], target: URL): string[] {
  return [...new Set(hosts)].filter((host) => host !== target.host);
}
