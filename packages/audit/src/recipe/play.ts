/** Plays the steps of a recipe as one visitor. */
import { AuditError } from '../errors.ts';
import { type Answer, headersNamed } from '../http/message.ts';
import { parseSetCookie } from '../cookies/set-cookie.ts';
import type { Form } from '../html/page.ts';
import type { Site } from '../site/site.ts';
import { jsonOf, pageOf, type Visitor } from '../site/visitor.ts';
import type { Source, Step } from './recipe.ts';

/** What `${name}` stands for. Steps add to it. */
export type Values = Record<string, string>;

/** Every answer, redirects included, in order. */
export async function playSteps(
  site: Site,
  visitor: Visitor,
  steps: readonly Step[],
  values: Values,
  hold?: Promise<void>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  // A token that a visitor has is theirs to name, as where it is to end.
  if (visitor.bearer !== undefined) values['token'] ??= visitor.bearer;
  let from: URL | undefined;
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const options = { ...(isLast && hold && { hold }), ...(from && { from }) };
    const came = await playStep(site, visitor, step, values, options);
    answers.push(...came);
    const last = came.at(-1);
    if (!last) continue;
    from = last.request.url;
    for (const [name, source] of Object.entries(step.save ?? {})) {
      const value =
        came
          .toReversed()
          .map((answer) => valueIn(answer, source))
          .find((it) => it !== undefined) ?? heldCookie(visitor, source);
      if (value === undefined)
        throw new AuditError(
          'recipe',
          `the recipe: the answer has no ${describe(source)} to save as ${name}`,
        );
      site.mask.hide(value, name);
      Object.assign(values, { [name]: value });
    }
  }
  return answers;
}

function playStep(
  site: Site,
  visitor: Visitor,
  step: Step,
  values: Values,
  options: { hold?: Promise<void>; from?: URL },
): Promise<Answer[]> {
  if ('open' in step) return playOpen(site, visitor, step, values, options);
  if ('request' in step) return playRequest(site, visitor, step, values, options);
  const acts = step.do.map(({ fill: fields, press }) => ({
    ...(fields && { fill: fillAll(fields, values) }),
    ...(press !== undefined && { press: fill(press, values) }),
  }));
  return site.browser.steps.play(visitor, filledAddress(site, step.browser, values), acts);
}

async function playOpen(
  site: Site,
  visitor: Visitor,
  step: Extract<Step, { open: string }>,
  values: Values,
  { hold }: { hold?: Promise<void> },
): Promise<Answer[]> {
  const opened = await visitor.open(filledAddress(site, step.open, values));
  if (!step.submit) return [...opened.answers];
  const filled = fillAll(step.submit, values);
  const form = formWith(pageOf(opened.last).forms, Object.keys(filled));
  if (!form) {
    const fields = Object.keys(filled).join(', ');
    throw new AuditError(
      'recipe',
      `the recipe: ${step.open} has no form with ${fields || 'nothing to fill in'}`,
    );
  }
  const sent = await visitor.submit(form, opened.last.request.url, filled, hold ? { hold } : {});
  return [...opened.answers, ...sent.answers];
}

async function playRequest(
  site: Site,
  visitor: Visitor,
  step: Extract<Step, { request: string }>,
  values: Values,
  options: { hold?: Promise<void>; from?: URL },
): Promise<Answer[]> {
  const [method = 'GET', path = '/'] = step.request.split(' ');
  const headers: [string, string][] = Object.entries(fillAll(step.headers ?? {}, values));
  const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name);
  let body: string | undefined;
  if (step.form) {
    body = new URLSearchParams(fillAll(step.form, values)).toString();
    if (!has('content-type')) headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
  } else if (step.json !== undefined) {
    body = JSON.stringify(fillJson(step.json, values));
    if (!has('content-type')) headers.push(['Content-Type', 'application/json']);
  }
  if (body === undefined && options.hold && method !== 'GET') {
    // A server waits for a body that is announced, and for no other.
    body = 'slow=1';
    if (!has('content-type')) headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
  }
  const url = filledAddress(site, path, values);
  const journey = await visitor.travel(method, url, {
    headers,
    ...(body !== undefined && { body }),
    ...options,
  });
  return [...journey.answers];
}

/** The form that has all of the fields; the one with the fewest others, where several do. */
export function formWith(forms: readonly Form[], names: readonly string[]): Form | undefined {
  return forms
    .filter((form) => names.every((name) => form.fields.some((field) => field.name === name)))
    .toSorted((a, b) => a.fields.length - b.fields.length)[0];
}

export function address(site: Site, path: string): URL {
  if (!URL.canParse(path, site.target)) throw new AuditError('recipe', `the recipe: ${path} is no address`);
  return new URL(path, site.target);
}

/** What a parameter says may have characters in it that end a parameter. */
function filledAddress(site: Site, path: string, values: Values): URL {
  const start = path.indexOf('?');
  if (start === -1) return address(site, fill(path, values));
  return address(
    site,
    fill(path.slice(0, start), values) + fill(path.slice(start), values, encodeURIComponent),
  );
}

function fill(text: string, values: Values, spell = (value: string): string => value): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new AuditError('recipe', `the recipe: there is no \${${name}} yet`);
    return spell(value);
  });
}

function fillAll(texts: Readonly<Record<string, string>>, values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text, values)]));
}

function fillJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fill(value, values);
  if (Array.isArray(value)) return value.map((item) => fillJson(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillJson(item, values)]));
}

/** A cookie that a script sends back in a header is not set by each answer. */
function heldCookie({ jar }: Visitor, source: Source): string | undefined {
  return 'cookie' in source ? jar.cookies.find(({ name }) => name === source.cookie)?.value : undefined;
}

export function valueIn(answer: Answer, source: Source): string | undefined {
  if ('json' in source) return textAt(jsonOf(answer), source.json);
  if ('header' in source) return headersNamed(answer.headers, source.header)[0];
  if ('cookie' in source) {
    return headersNamed(answer.headers, 'set-cookie')
      .map((field) => parseSetCookie(field).cookie)
      .find((cookie) => cookie?.name === source.cookie)?.value;
  }
  if ('meta' in source) return pageOf(answer).metas.get(source.meta);
  return pageOf(answer)
    .forms.flatMap((form) => form.fields)
    .find((field) => field.name === source.field)?.value;
}

function describe(source: Source): string {
  const [[kind, where] = ['', '']] = Object.entries(source) as [string, string][];
  return `${kind} ${where}`;
}

/** The text at a path like `data.token` or `tokens.0`. */
export function textAt(value: unknown, path: string): string | undefined {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return typeof found === 'string' ? found : undefined;
}
