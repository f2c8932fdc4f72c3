/** Signing in to the site and out of it again, by a recipe or by finding the way. */
import { AuditError, isAuditError } from '../errors.ts';
import { runsScript } from '../html/page.ts';
import type { Answer } from '../http/message.ts';
import { playSteps, textAt } from '../recipe/play.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type SignInForm, signInFormOf, signOutControlOf } from './find-form.ts';
import { searchSignInForm } from './search-form.ts';
import type { Site } from './site.ts';
import { jsonOf, pageOf, type Visitor } from './visitor.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** Names under which an answer to a sign-in carries a token for the Authorization header. */
const TOKEN_NAMES = ['access_token', 'accessToken', 'token', 'id_token', 'idToken', 'jwt', 'bearer'];

const MAX_PAGES = 3;

export interface Gate {
  /** Tries to sign in. Whether that worked is not judged here. */
  signIn(visitor: Visitor, account: Account): Promise<Answer[]>;
  /** Opens the page with the sign-in form, as far as one is known. */
  openSignIn(visitor: Visitor): Promise<void>;
  /** `undefined` where no way out is known. */
  signOut(visitor: Visitor): Promise<Answer[] | undefined>;
  /** Where the sign-in form stands, once it was found. */
  readonly signInPage: URL | undefined;
  /** The form is not there before a script has run. */
  readonly needsScript: boolean;
}

export function createGate(site: Site, recipe: Recipe, pagesToSearch: () => readonly URL[]): Gate {
  const { browser } = site;
  let signInPage: URL | undefined;
  /** A page without a form has a script, which may make one. */
  let hasScript = false;
  /** No page has a form without script: it was looked for once. */
  let needsScript = false;
  /** The same of what signs out. */
  let mayMakeSignOut = false;
  let signOutNeedsScript = false;
  let hasNoButton = false;
  /** A sign-out may have to say who it is that goes. */
  const accounts = new WeakMap<Visitor, Account>();

  async function bySearch(visitor: Visitor, account: Account): Promise<Answer[]> {
    if (!needsScript) {
      try {
        return await byForm(visitor, account);
      } catch (error) {
        if (signInPage || !hasScript || !isAuditError(error, 'sign_in_failed')) throw error;
        needsScript = true;
      }
    }
    try {
      const answers = await browser.signIn.signIn(visitor, account);
      signInPage = browser.signIn.page;
      return answers;
    } catch (error) {
      if (!isAuditError(error, 'usage')) throw error;
      throw new AuditError(
        'sign_in_failed',
        `no sign-in form was found without script; to run it, ${error.message}. Or write a recipe that says how to sign in`,
      );
    }
  }

  async function byForm(visitor: Visitor, account: Account): Promise<Answer[]> {
    const { answer, found } = await findForm(visitor);
    signInPage = answer.request.url;
    let form: SignInForm | undefined = found;
    let page = answer.request.url;
    const answers = [answer];
    // Some sites ask for the name first and for the password on the next page.
    for (let i = 0; form && i < MAX_PAGES; i++) {
      const values: Record<string, string> = {};
      if (form.username) values[form.username.name] = account.user;
      if (form.password) values[form.password.name] = account.password;
      const journey = await visitor.submit(form.form, page, values);
      answers.push(...journey.answers);
      if (form.password) break;
      page = journey.last.request.url;
      form = signInFormOf(pageOf(journey.last));
    }
    return answers;
  }

  async function findForm(visitor: Visitor): Promise<{ answer: Answer; found: SignInForm }> {
    const search = await searchSignInForm(site, visitor, signInPage);
    hasScript ||= search.hasScript;
    if (search.form) return search.form;
    throw new AuditError(
      'sign_in_failed',
      'no sign-in form was found: write a recipe that says how to sign in',
    );
  }

  return {
    get signInPage() {
      return signInPage;
    },
    get needsScript() {
      return needsScript;
    },
    async signIn(visitor, account) {
      accounts.set(visitor, account);
      const before = visitor.bearer;
      const answers = recipe.signIn
        ? await playSteps(site, visitor, recipe.signIn, { user: account.user, password: account.password })
        : await bySearch(visitor, account);
      // What a page was seen to send is what counts: an answer may call another token so, as one against forged requests.
      if (visitor.bearer === before || recipe.token !== undefined)
        visitor.bearer = tokenIn(answers, recipe.token) ?? visitor.bearer;
      if (visitor.bearer !== undefined) site.mask.hide(visitor.bearer, 'bearer token');
      return answers;
    },
    async openSignIn(visitor) {
      if (needsScript) await browser.signIn.open(visitor);
      else if (signInPage) await visitor.open(signInPage);
    },
    async signOut(visitor) {
      if (recipe.signOut) return playSteps(site, visitor, recipe.signOut, { ...accounts.get(visitor) });
      if (!signOutNeedsScript) {
        for (const url of pagesToSearch()) {
          const { last } = await visitor.open(url);
          const control = signOutControlOf(pageOf(last));
          mayMakeSignOut ||= runsScript(last.body);
          if (!control) continue;
          const from = last.request.url;
          const journey =
            'form' in control
              ? await visitor.submit(control.form, from, {})
              : await visitor.travel('GET', control.link.target, { from });
          return confirmed(visitor, journey.last, [...journey.answers]);
        }
        // Where a sign-in needs script, the page of who is signed in may be anything.
        if (hasNoButton || (!mayMakeSignOut && !needsScript)) return undefined;
      }
      return byButton(visitor);
    },
  };

  /** What a script makes, and what runs one. */
  async function byButton(visitor: Visitor): Promise<Answer[] | undefined> {
    try {
      const answers = await browser.signOut.signOut(visitor, pagesToSearch());
      if (answers) signOutNeedsScript = true;
      // It takes seconds, and would find nothing the next time either.
      else hasNoButton = true;
      return answers;
    } catch (error) {
      // Without Chromium nobody can tell whether there is a button.
      if (isAuditError(error, 'usage')) return undefined;
      throw error;
    }
  }

  /** Some sites ask whether one really wants to. */
  async function confirmed(visitor: Visitor, last: Answer, answers: Answer[]): Promise<Answer[]> {
    if (last.status !== 200 || last.request.method !== 'GET') return answers;
    const control = signOutControlOf(pageOf(last));
    if (!control || !('form' in control) || control.form.method !== 'POST') return answers;
    const journey = await visitor.submit(control.form, last.request.url, {});
    return [...answers, ...journey.answers];
  }
}

function tokenIn(answers: readonly Answer[], path: string | undefined): string | undefined {
  for (const answer of answers.toReversed()) {
    if (answer.status >= 400) continue;
    const json = jsonOf(answer);
    if (json === undefined) continue;
    for (const name of path === undefined ? TOKEN_NAMES : [path]) {
      const token = textAt(json, name);
      if (token !== undefined && token.length >= 8) return token;
    }
  }
  return undefined;
}
