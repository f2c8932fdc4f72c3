/** Reads a recipe, and says in one line what is wrong with one that can not be used. */
import { parse } from 'yaml';
import { AuditError } from '../errors.ts';
import { durationOf, NO_DURATION } from '../time/duration.ts';
import {
  type Act,
  type Recipe,
  type ShownOn,
  type Source,
  type Step,
  type StepList,
  STEP_LISTS,
} from './recipe.ts';

const KEYS = new Set<string>([
  ...STEP_LISTS,
  'hosts',
  'token',
  'signedIn',
  'steppedUp',
  'changeShows',
  'timeouts',
  'secondAccount',
]);
const STEP_KEYS = new Set(['open', 'submit', 'request', 'form', 'json', 'headers', 'browser', 'do', 'save']);
const SOURCES = new Set(['json', 'field', 'meta', 'cookie', 'header']);

/** @throws AuditError `recipe`, which names the place. */
export function readRecipe(text: string): Recipe {
  let value: unknown;
  try {
    // Aliases of aliases grow without bound; a recipe needs a few.
    value = parse(text, { maxAliasCount: 20, logLevel: 'error' }) as unknown;
  } catch (error) {
    // Its second line draws the place, after a colon.
    const [says = ''] = error instanceof Error ? error.message.split('\n') : ['unreadable'];
    throw wrong('', `it is no YAML: ${says.replace(/:$/, '')}`);
  }
  const recipe = record(value ?? {}, '');
  for (const key of Object.keys(recipe)) {
    if (!KEYS.has(key)) throw wrong(key, `is not known; there are ${[...KEYS].join(', ')}`);
  }
  const lists = STEP_LISTS.filter((name) => recipe[name] !== undefined).map((name) => [
    name,
    array(recipe[name], name).map((step, index) => readStep(step, `${name}[${index}]`)),
  ]);
  if ((recipe['stepUp'] === undefined) !== (recipe['steppedUp'] === undefined)) {
    throw wrong('stepUp', 'belongs together with steppedUp, which says what one sees of it');
  }
  return {
    ...(Object.fromEntries(lists) as Pick<Recipe, StepList>),
    ...(recipe['hosts'] !== undefined && {
      hosts: array(recipe['hosts'], 'hosts').map((host, index) => string(host, `hosts[${index}]`)),
    }),
    ...(recipe['timeouts'] !== undefined && { timeouts: readTimeouts(recipe['timeouts']) }),
    ...(recipe['token'] !== undefined && { token: string(recipe['token'], 'token') }),
    ...(recipe['changeShows'] !== undefined && {
      changeShows: string(recipe['changeShows'], 'changeShows'),
    }),
    ...(recipe['signedIn'] !== undefined && { signedIn: readShownOn(recipe['signedIn'], 'signedIn') }),
    ...(recipe['steppedUp'] !== undefined && { steppedUp: readSteppedUp(recipe['steppedUp']) }),
    ...(recipe['secondAccount'] !== undefined && {
      secondAccount: readSecondAccount(recipe['secondAccount']),
    }),
  };
}

function readSteppedUp(value: unknown): ShownOn {
  const steppedUp = readShownOn(value, 'steppedUp');
  const { page: _, ...sign } = steppedUp;
  // Nothing is compared here: without a sign every answer would do.
  if (Object.keys(sign).length === 0) throw wrong('steppedUp', 'write status, shows or hides as well');
  return steppedUp;
}

function readSecondAccount(value: unknown): NonNullable<Recipe['secondAccount']> {
  const { user, passwordEnv, ...rest } = record(value, 'secondAccount');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw wrong(`secondAccount.${unknown}`, 'is not known; there are user, passwordEnv');
  return {
    user: string(user, 'secondAccount.user'),
    passwordEnv: string(passwordEnv, 'secondAccount.passwordEnv'),
  };
}

function readStep(value: unknown, at: string): Step {
  const step = record(value, at);
  for (const key of Object.keys(step)) {
    if (!STEP_KEYS.has(key))
      throw wrong(`${at}.${key}`, `is not known; there are ${[...STEP_KEYS].join(', ')}`);
  }
  const save = step['save'] === undefined ? {} : { save: readSave(step['save'], `${at}.save`) };
  if (step['open'] !== undefined) {
    const submit = step['submit'] === undefined ? {} : { submit: strings(step['submit'], `${at}.submit`) };
    return { open: string(step['open'], `${at}.open`), ...submit, ...save };
  }
  if (step['browser'] !== undefined) {
    const acts = array(step['do'], `${at}.do`).map((act, index) => readAct(act, `${at}.do[${index}]`));
    return { browser: string(step['browser'], `${at}.browser`), do: acts, ...save };
  }
  if (step['request'] === undefined) throw wrong(at, 'write "open", "request" or "browser"');
  const request = string(step['request'], `${at}.request`);
  if (!/^[A-Z]{3,10} \S+$/.test(request)) {
    throw wrong(`${at}.request`, 'write a method and an address, as in "POST /login"');
  }
  return {
    request,
    ...(step['form'] !== undefined && { form: strings(step['form'], `${at}.form`) }),
    ...(step['json'] !== undefined && { json: step['json'] }),
    ...(step['headers'] !== undefined && { headers: strings(step['headers'], `${at}.headers`) }),
    ...save,
  };
}

function readAct(value: unknown, at: string): Act {
  const { fill, press, ...rest } = record(value, at);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(`${at}.${unknown}`, 'is not known; there are fill, press');
  if (fill === undefined && press === undefined) throw wrong(at, 'write "fill" or "press"');
  return {
    ...(fill !== undefined && { fill: strings(fill, `${at}.fill`) }),
    ...(press !== undefined && { press: string(press, `${at}.press`) }),
  };
}

function readSave(value: unknown, at: string): Record<string, Source> {
  const sources = Object.entries(record(value, at)).map(([name, source]) => {
    const [[kind, where] = ['', ''], ...more] = Object.entries(strings(source, `${at}.${name}`));
    if (!SOURCES.has(kind) || more.length > 0) {
      throw wrong(`${at}.${name}`, 'write one of json, field, meta, cookie or header');
    }
    return [name, { [kind]: where } as Source];
  });
  return Object.fromEntries(sources) as Record<string, Source>;
}

function readShownOn(value: unknown, at: string): ShownOn {
  const { page, status, shows, hides, ...rest } = record(value, at);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw wrong(`${at}.${unknown}`, 'is not known; there are page, status, shows, hides');
  if (status !== undefined && typeof status !== 'number') throw wrong(`${at}.status`, 'write a number');
  return {
    page: string(page, `${at}.page`),
    ...(status !== undefined && { status }),
    ...(shows !== undefined && { shows: string(shows, `${at}.shows`) }),
    ...(hides !== undefined && { hides: string(hides, `${at}.hides`) }),
  };
}

function readTimeouts(value: unknown): NonNullable<Recipe['timeouts']> {
  const { idle, absolute, ...rest } = record(value, 'timeouts');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(`timeouts.${unknown}`, 'is not known; there are idle, absolute');
  return {
    ...(idle !== undefined && { idle: seconds(idle, 'timeouts.idle') }),
    ...(absolute !== undefined && { absolute: seconds(absolute, 'timeouts.absolute') }),
  };
}

function seconds(value: unknown, at: string): number {
  const ms = durationOf(string(value, at));
  if (ms === undefined) throw wrong(at, NO_DURATION);
  return ms / 1_000;
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(at, 'write names and values');
  return value as Record<string, unknown>;
}

function array(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw wrong(at, 'write a list');
  return value;
}

function string(value: unknown, at: string): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw wrong(at, 'write a text');
  }
  return String(value);
}

function strings(value: unknown, at: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(value, at)).map(([name, text]) => [name, string(text, `${at}.${name}`)]),
  );
}

function wrong(at: string, what: string): AuditError {
  return new AuditError('recipe', at === '' ? `the recipe: ${what}` : `the recipe, ${at}: ${what}`);
}
