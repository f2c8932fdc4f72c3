/** The string literals of a TypeScript source, without those that stand in comments. */
export function stringLiterals(source: string): string[] {
  const found: string[] = [];
  // A comment, or a literal that is closed: on its own line for quotes, anywhere for a template.
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\[\s\S])*)`/g;
  for (const [, single, double, template] of source.matchAll(token)) {
    const literal = single ?? double ?? template;
    if (literal !== undefined) found.push(literal.replace(/\\(['"`\\])/g, '$1'));
  }
  return found;
}
