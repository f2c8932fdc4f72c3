/** Where a value that was sent had come from: an answer before it, as a recipe can take it from one. */
import type { Answer } from '../http/message.ts';
import { jsonOf, pageOf } from '../site/visitor.ts';
import { valueIn } from '../recipe/play.ts';
import type { Exchanged } from './moments.ts';
import type { Source } from '../recipe/recipe.ts';

export interface Found {
  /** Of the exchange whose answer has it. */
  readonly index: number;
  readonly source: Source;
}

const ISSUED_NAME = /csrf|xsrf|token|nonce|state|verif|authentic|challenge|signature|execution/i;
const ISSUED_VALUE = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.~:-]{16,}$/;

/** Whether it looks like something that a site gave out, and would not take again another time. */
export function looksIssued(name: string, value: string): boolean {
  return isSurelyIssued(value) || (value.length >= 4 && ISSUED_NAME.test(name));
}

/** Whether it can be nothing else: no word of a form, and no address, as of where to go next. */
export function isSurelyIssued(value: string): boolean {
  return ISSUED_VALUE.test(value) && !isOfWords(value);
}

/** As in `http://localhost:3000/account/` and `spring-sale-2026`. */
function isOfWords(value: string): boolean {
  return value.split(/[/._~:=-]+/).every((part) => /^(?:[A-Za-z]{0,20}|\d{1,8}|\w{1,3})$/.test(part));
}

/**
 * The latest answer before exchange `before` that has the value. Answers to what is no GET count from exchange `since` on:
 * a recipe can ask for a page once more, and not sign in once more.
 */
export function sourceOf(
  value: string,
  exchanges: readonly Exchanged[],
  { before, since }: { before: number; since: number },
): Found | undefined {
  for (let index = before - 1; index >= 0; index--) {
    const exchange = exchanges[index];
    if (!exchange || (index < since && exchange.answer.request.method !== 'GET')) continue;
    const source = sourceIn(exchange.answer, value);
    if (source) return { index, source };
  }
  return undefined;
}

function sourceIn(answer: Answer, value: string): Source | undefined {
  const page = pageOf(answer);
  const field = page.forms.flatMap(({ fields }) => fields).find((it) => it.value === value && it.name !== '');
  const meta = [...page.metas].find(([, content]) => content === value)?.[0];
  const path = pathTo(jsonOf(answer), value);
  const header = answer.headers.find(([, text]) => text === value)?.[0];
  const sources: Source[] = [
    ...(field ? [{ field: field.name }] : []),
    ...(meta === undefined ? [] : [{ meta }]),
    ...(path === undefined ? [] : [{ json: path }]),
    ...(header === undefined ? [] : [{ header }]),
  ];
  // Two forms may have fields of one name: what a recipe would take has to be this one.
  return sources.find((source) => valueIn(answer, source) === value);
}

/** Where a text stands in what was parsed, as `data.tokens.0`. */
export function pathTo(value: unknown, wanted: string, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 10) return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (key.includes('.')) continue;
    if (item === wanted) return key;
    const below = pathTo(item, wanted, depth + 1);
    if (below !== undefined) return `${key}.${below}`;
  }
  return undefined;
}
