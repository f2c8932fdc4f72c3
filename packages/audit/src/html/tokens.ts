/** HTML as far as forms, links and words need it. One pass, linear, and never an error: pages are hostile. */
import { decodeEntities } from './entities.ts';

export type Token =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** Elements whose content is no markup. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes']);

const MAX_ATTRIBUTES = 100;

export function* tokensOf(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) {
      yield* text(html.slice(at));
      return;
    }
    if (open > at) yield* text(html.slice(at, open));
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      if (end === -1) return;
      at = end + 3;
      continue;
    }
    const next = html.charCodeAt(open + 1);
    if (next === BANG || next === QUESTION) {
      const end = html.indexOf('>', open);
      if (end === -1) return;
      at = end + 1;
      continue;
    }
    const isClose = next === SLASH;
    const start = isClose ? open + 2 : open + 1;
    if (!isLetter(html.charCodeAt(start))) {
      yield* text('<');
      at = open + 1;
      continue;
    }
    const tag = readTag(html, start);
    at = tag.end;
    if (isClose) {
      yield { kind: 'close', name: tag.name };
      continue;
    }
    yield { kind: 'open', name: tag.name, attributes: tag.attributes };
    if (RAW.has(tag.name)) {
      const end = endOfRaw(html, at, tag.name);
      const content = html.slice(at, end);
      // What a script or a style says is no word of the page.
      if (tag.name === 'textarea' || tag.name === 'title') yield* text(content);
      at = end;
    }
  }
}

const BANG = 0x21;
const SLASH = 0x2f;
const QUESTION = 0x3f;

function* text(raw: string): Generator<Token> {
  if (raw.trim() !== '') yield { kind: 'text', text: decodeEntities(raw) };
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function endOfRaw(html: string, from: number, name: string): number {
  const closing = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  closing.lastIndex = from;
  return closing.exec(html)?.index ?? html.length;
}

function readTag(
  html: string,
  start: number,
): { name: string; attributes: Map<string, string>; end: number } {
  let at = start;
  const until = (stops: (code: number) => boolean): string => {
    const from = at;
    while (at < html.length && !stops(html.charCodeAt(at))) at++;
    return html.slice(from, at);
  };
  const name = until((code) => isSpace(code) || code === SLASH || code === GT).toLowerCase();
  const attributes = new Map<string, string>();
  while (at < html.length) {
    until((code) => !isSpace(code) && code !== SLASH);
    if (at >= html.length) break;
    if (html.charCodeAt(at) === GT) return { name, attributes, end: at + 1 };
    // An equals sign may begin a name; it never ends an empty one.
    const first = at++;
    until((code) => isSpace(code) || code === SLASH || code === GT || code === EQUALS);
    const key = html.slice(first, at).toLowerCase();
    const beforeSpace = at;
    until((code) => !isSpace(code));
    let value = '';
    if (html.charCodeAt(at) === EQUALS) {
      at++;
      until((code) => !isSpace(code));
      const quote = html.charCodeAt(at);
      if (quote === DOUBLE || quote === SINGLE) {
        at++;
        value = until((code) => code === quote);
        at++;
      } else {
        value = until((code) => isSpace(code) || code === GT);
      }
    } else {
      at = beforeSpace;
    }
    if (!attributes.has(key) && attributes.size < MAX_ATTRIBUTES) attributes.set(key, decodeEntities(value));
  }
  return { name, attributes, end: html.length };
}

const DOUBLE = 0x22;
const SINGLE = 0x27;
const EQUALS = 0x3d;
const GT = 0x3e;
