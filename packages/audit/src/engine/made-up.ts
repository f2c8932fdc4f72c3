/** A value that nobody has, in the place of one that a page may only repeat: a page that greets by a cookie shows it too. */
import { lookalike } from './lookalike.ts';

export interface MadeUp {
  readonly value: string;
  /** The words of the value itself that a page shows. */
  readonly shown: readonly string[];
}

const RUN = /[\p{L}\d]+/gu;
const TOKEN = /^(?=.*\d)[\w.~+/=-]{16,}$/;

interface Spelling {
  readonly text: string;
  spell(text: string): string;
}

/**
 * The words that are shown become `word`, and the rest stays, so that the site can read it as before. Where none is shown, a
 * token becomes another of its looks and anything else `word`: a short made-up value could be that of somebody.
 */
export function madeUpFor(value: string, word: string, isShown: (word: string) => boolean): MadeUp {
  for (const { text, spell } of spellingsOf(value)) {
    const shown = [...new Set(text.match(RUN))].filter((run) => isShown(run));
    if (shown.length === 0) continue;
    return { value: spell(text.replace(RUN, (run) => (shown.includes(run) ? word : run))), shown };
  }
  return { value: TOKEN.test(value) ? lookalike(value) : word, shown: [] };
}

function spellingsOf(value: string): Spelling[] {
  const text = decoded(value);
  const plain: Spelling = { text, spell: text === value ? String : encodeURIComponent };
  const bytes = Buffer.from(text, 'base64');
  const inside = bytes.toString('utf8');
  if (inside === '' || /[\p{Cc}\uFFFD]/u.test(inside)) return [plain];
  const encoding = bytes.toString('base64') === text ? 'base64' : 'base64url';
  const spell = (words: string): string => plain.spell(Buffer.from(words).toString(encoding));
  return [plain, { text: inside, spell }];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
