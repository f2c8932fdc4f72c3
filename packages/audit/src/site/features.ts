/** What a page says, piece by piece, without what changes by itself: times, counters, nonces, tokens. */
import { tokensOf } from '../html/tokens.ts';
import { type Answer, mediaType, redirectTarget } from '../http/message.ts';
import { jsonOf } from './visitor.ts';

const MAX_FEATURES = 3_000;
const LONGEST = 200;

/** What an answer is, apart from its words: its status, and where it sends one. */
export function shapeOf(answer: Answer): string {
  const target = redirectTarget(answer);
  return target ? `${answer.status} to ${normalise(target.pathname)}` : String(answer.status);
}

export function featuresOf(answer: Answer): Set<string> {
  const features = new Set<string>();
  const add = (feature: string): void => {
    if (features.size < MAX_FEATURES) features.add(feature);
  };
  const json = jsonOf(answer);
  if (json !== undefined) addJson(json, '', add, 0);
  else if (mediaType(answer) === 'text/html' || /^\s*</.test(answer.body)) addHtml(answer.body, add);
  else for (const line of answer.body.split('\n')) addText('', line, add);
  return features;
}

function addHtml(html: string, add: (feature: string) => void): void {
  for (const token of tokensOf(html)) {
    if (token.kind === 'text') addText('', token.text, add);
    else if (token.kind === 'open') {
      for (const name of ['href', 'action', 'name', 'id'] as const) {
        const value = token.attributes.get(name);
        if (value !== undefined) addText(`${token.name} ${name} `, value.split(/[?#;]/)[0] ?? '', add);
      }
    }
  }
}

function addJson(value: unknown, path: string, add: (feature: string) => void, depth: number): void {
  if (depth > 20) return;
  if (Array.isArray(value)) {
    for (const item of value) addJson(item, `${path}[]`, add, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      add(normalise(`${path}.${key}`).slice(0, LONGEST));
      addJson(item, `${path}.${key}`, add, depth + 1);
    }
  } else addText(`${path} `, String(value), add);
}

function addText(prefix: string, text: string, add: (feature: string) => void): void {
  const normal = normalise(text);
  // What is left of a clock or a token says nothing.
  if (!/\p{L}/u.test(normal)) return;
  add(`${prefix}${normal}`.slice(0, LONGEST));
}

export function normalise(text: string): string {
  return text
    .slice(0, 2_000)
    .replace(/[\w+/=-]{16,}/g, (run) => (/\d/.test(run) || /[A-Z].*[A-Z]/.test(run) ? '~' : run))
    .replace(/\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b/gi, '#')
    .replace(/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\b/g, '#')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}
