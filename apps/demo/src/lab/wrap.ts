/** Breaks a text between words into lines of so many characters; a word that is longer has a line of its own. */
export function wrap(text: string, longest: number, most: number = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= longest) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${lines[most - 1]?.replace(/[.,]$/, '')} …`];
}

/** In as few lines, and none of them with a word left over. */
export function wrapEvenly(text: string, longest: number): string[] {
  const { length } = wrap(text, longest);
  let width = longest;
  while (width > 1 && wrap(text, width - 1).length === length) width -= 1;
  return wrap(text, width);
}
