/** What was typed where it is not shown: whatever has it in it is not written down. */
import type { Recipe } from '../recipe/recipe.ts';
import { base64Of, spellingsOf } from '../spellings.ts';
import type { Exchanged, Moment, Typed } from './moments.ts';
import { valuesOf } from './sent.ts';

/** Shorter ones are parts of words by chance, and count where they are all that stands there. */
const SHORTEST = 6;

/**
 * Of what came to stand in a field letter by letter, what was left in it when something was pressed or a page came; and what
 * a script has sent meanwhile.
 */
export function secretsTyped(moments: readonly Moment[]): Typed[] {
  const fields = new Map<string, Typed>();
  const settled = new Set<Typed>();
  for (const [index, moment] of moments.entries()) {
    if (moment.kind === 'typed') {
      if (!moment.isSecret) continue;
      const key = `${moment.page.href} ${moment.field}`;
      const before = fields.get(key);
      // A frame may come, and something be pressed, while somebody types.
      const goesOn =
        before && moment.value.length > before.value.length && moment.value.startsWith(before.value);
      if (
        goesOn &&
        !moments.slice(0, index).some((it) => it.kind === 'exchanged' && isIn(it, before.value))
      ) {
        settled.delete(before);
      }
      fields.set(key, moment);
      continue;
    }
    const isOver = moment.kind === 'pressed' || moment.isPage;
    for (const typed of fields.values()) if (isOver || isIn(moment, typed.value)) settled.add(typed);
  }
  for (const typed of fields.values()) settled.add(typed);
  return [...settled].filter(({ value }) => value !== '');
}

/** One letter is sent by many requests by chance. */
function isIn({ answer: { request } }: Exchanged, secret: string): boolean {
  return secret.length >= SHORTEST && valuesOf(request).some(([, value]) => value.includes(secret));
}

/** Whether a text is one of them, or has one in it, however it is spelled. */
export function hasSecret(text: string, secrets: readonly string[]): boolean {
  if (text === '') return false;
  // The names of what is filled in are ours.
  const own = text.replaceAll(/\$\{\w+\}/g, ' ');
  const plain = decoded(own);
  const values = new Set([own, plain, ...inAddress(own)]);
  return secrets.some((secret) => {
    if (secret === '') return false;
    if (values.has(secret)) return true;
    if (secret.length < SHORTEST) return false;
    const spellings = [...spellingsOf(secret), ...base64Of(secret)].filter((it) => it.length >= SHORTEST);
    return plain.includes(secret) || spellings.some((it) => own.includes(it));
  });
}

function inAddress(text: string): string[] {
  return [...text.matchAll(/[?&][^=&#]*=([^&#]*)/g)].map(([, value = '']) => decoded(value));
}

/** Whatever it is that `%` and `+` stand for; what is no encoding stays. */
function decoded(text: string): string {
  return text.replaceAll('+', ' ').replaceAll(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** Whether a value in it is one of them: the last look before it is written. */
export function tellsSecret(recipe: Recipe, secrets: readonly string[]): boolean {
  return textsOf(recipe).some((text) => hasSecret(text, secrets));
}

/** A name is one of the site's, unless there is nothing that it names. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => (item === '' ? [name] : textsOf(item)));
}

/** The address without the parameters that have one of them in it. */
export function withoutSecrets(given: URL, secrets: readonly string[]): URL {
  const url = new URL(given);
  const kept = [...url.searchParams].filter(
    ([name, value]) => !hasSecret(value === '' ? name : value, secrets),
  );
  if (kept.length < url.searchParams.size) url.search = new URLSearchParams(kept).toString();
  return url;
}
