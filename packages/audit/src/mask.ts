/**
 * Secrets are replaced before anything is kept. Each has a number, the same wherever it occurs: a reader sees that a
 * cookie did or did not change without seeing one character of it.
 */
import { base64Of, spellingsOf } from './spellings.ts';

export interface Mask {
  /** From now on, `value` is not shown. Short values are words that occur by chance, and are only hidden where they are told by name. */
  hide(value: string, name: string): void;
  /** As `hide`, and as scripts send what somebody has typed: in base64, too. */
  hidePassword(value: string, name: string): void;
  /** From now on, `name` is shown though it looks like a token: it names something. What is hidden stays hidden. */
  show(name: string): void;
  /** What stands for a value that may be short. */
  label(value: string, name: string): string;
  /** `text` without any hidden value, and without what looks like a token nobody has told about. */
  apply(text: string): string;
}

/** Below this, a value is replaced where it is a value, and not wherever the same letters stand. */
const SHORTEST = 6;
const MAX_SECRETS = 5_000;

/** What stands for a deleted cookie is no secret, and a word of many texts. */
const NOTHING = /^"?(?:deleted?|removed?|expired)"?$/i;

/** Long runs of token characters with letters and digits in them: tokens that nobody has told about. */
const TOKEN_LIKE = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}(?:\.[\w-]{8,})*/g;

export function createMask(): Mask {
  const numbers = new Map<string, number>();
  const labels = new Map<string, string>();
  const shown = new Set<string>();
  let longestFirst: [string, string][] | undefined;

  function label(value: string, name: string): string {
    let number = numbers.get(value);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(value, number);
    }
    return `‹${name} #${number}, ${value.length} characters›`;
  }

  function hide(value: string, name: string, spellings = spellingsOf(value)): void {
    if (value.length < SHORTEST || NOTHING.test(value) || labels.has(value) || labels.size >= MAX_SECRETS)
      return;
    const text = label(value, name);
    for (const spelling of spellings) {
      if (spelling.length >= SHORTEST && !labels.has(spelling)) labels.set(spelling, text);
    }
    longestFirst = undefined;
  }

  return {
    hide: (value, name) => hide(value, name),
    hidePassword: (value, name) => hide(value, name, [...spellingsOf(value), ...base64Of(value)]),
    show(name) {
      if (shown.size < MAX_SECRETS) shown.add(name);
    },
    label(value, name) {
      hide(value, name);
      return labels.get(value) ?? label(value, name);
    },
    apply(given) {
      longestFirst ??= [...labels].toSorted(([a], [b]) => b.length - a.length);
      let masked = given;
      for (const [value, text] of longestFirst) {
        if (masked.includes(value)) masked = masked.replaceAll(value, text);
      }
      return masked.replaceAll(TOKEN_LIKE, (token) =>
        shown.has(token) ? token : `‹${token.length} characters›`,
      );
    },
  };
}

/** What was masked without its number and length, which may be others in the next run. */
export function unnumbered(masked: string): string {
  return masked.replaceAll(/‹(?:([^‹›]*) #\d+, )?\d+ characters›/g, (_, name?: string) => `‹${name ?? '…'}›`);
}
