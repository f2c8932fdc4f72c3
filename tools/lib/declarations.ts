/** Declarations as a declaration file (`.d.ts`) spells them, found by name. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface Declaration {
  readonly name: string;
  readonly kind: 'function' | 'const' | 'class' | 'interface' | 'type';
  /** The text of its doc comment, without the stars. */
  readonly doc: string;
  /** The declaration itself, without `export` and `declare`. */
  readonly code: string;
}

const STATEMENT = /^export (?:declare )?(?:abstract )?(function|const|class|interface|type) ([\w$]+)/gm;
const LIST = /^export (?:type )?\{([^}]*)\} from '([^']+)'/gm;

/** What a file exports, its own and what it hands on, in the order of the file. */
export async function declarationsOf(file: string): Promise<Declaration[]> {
  const text = await readFile(file, 'utf8');
  const found: Declaration[] = ownDeclarations(text);
  for (const [, inside = '', from = ''] of text.matchAll(LIST)) {
    const target = resolve(dirname(file), from.replace(/\.(?:js|ts)$/, '.d.ts'));
    const there = new Map((await declarationsOf(target)).map((each) => [each.name, each]));
    for (const item of inside.split(',')) {
      const name = item.trim().replace(/^type /, '');
      const declaration = there.get(name);
      if (declaration) found.push(declaration);
      else if (name !== '')
        throw new Error(`${file} exports ${name} from ${from}, which does not declare it`);
    }
  }
  return found;
}

function ownDeclarations(text: string): Declaration[] {
  return [...text.matchAll(STATEMENT)].map((match) => {
    const [, kind = '', name = ''] = match;
    const hasBody = kind === 'interface' || kind === 'class';
    const code = text.slice(match.index, endOf(text, match.index, hasBody));
    return {
      name,
      kind: kind as Declaration['kind'],
      doc: docBefore(text, match.index),
      code: code.replace(/^export (?:declare )?/, ''),
    };
  });
}

/** Where a statement ends: behind its body, or at the semicolon that is inside no bracket. */
function endOf(text: string, start: number, hasBody: boolean): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text.charAt(i);
    if (text.startsWith('/*', i)) i = text.indexOf('*/', i) + 1;
    else if (text.startsWith('//', i)) i = text.indexOf('\n', i);
    else if (char === "'" || char === '"' || char === '`') i = text.indexOf(char, i + 1);
    else if ('({['.includes(char)) depth++;
    else if (')}]'.includes(char)) {
      depth--;
      if (depth === 0 && hasBody && char === '}') return i + 1;
    } else if (char === ';' && depth === 0 && !hasBody) return i + 1;
  }
  return text.length;
}

function docBefore(text: string, start: number): string {
  const before = text.slice(0, start).trimEnd();
  if (!before.endsWith('*/')) return '';
  return before
    .slice(before.lastIndexOf('/**') + 3, -2)
    .replace(/^[ \t]*\* ?/gm, '')
    .trim();
}
