/** Replaces what stands between two marks of a document. @throws Error where it has not both */
export function between(text: string, name: string, block: string): string {
  const [start, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the document has no ${start} … ${end}`);
  return `${text.slice(0, from)}${start}\n${block}\n${text.slice(to)}`;
}
