export interface Import {
  specifier: string;
  /** Written as `import type` or `export type`: nothing of it is left at run time. */
  typeOnly: boolean;
  line: number;
}

// Statements start a line, as the formatter writes them; an example in a comment never does.
const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom\s*)?\s*['"]([^'"\n]+)['"]/gm;
const call = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** The modules that a source file names. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const add = (match: RegExpExecArray, typeOnly: boolean): void => {
    found.push({ specifier: match[1] ?? '', typeOnly, line: text.slice(0, match.index).split('\n').length });
  };
  for (const match of text.matchAll(statement)) add(match, /^(?:import|export) type\b/.test(match[0]));
  for (const match of text.matchAll(call)) add(match, false);
  return found;
}
