import { filesUnder } from './workspace.ts';

export interface Block {
  /** The info string: `ts`, `ts continue`, `bash`. */
  info: string;
  /** The line of the first line of code, counted from 1. */
  line: number;
  code: string;
}

/** The documents a reader is meant to find. */
export function documents(root: string): string[] {
  const pattern = /^(?:[^/]+|docs\/.+|(?:packages|apps)\/[^/]+\/[^/]+|bench\/[^/]+)\.md$/;
  return filesUnder(root, '.', (path) => pattern.test(path));
}

/** Splits a document into its fenced blocks and everything else; in the text, blocks are left as blank lines. */
export function splitMarkdown(markdown: string): { blocks: Block[]; text: string } {
  const blocks: Block[] = [];
  const text: string[] = [];
  let open: { fence: string; block: Block; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^ {0,3}(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      const block = { info: (fence[2] ?? '').trim(), line: index + 2, code: '' };
      open = { fence: fence[1] ?? '', block, lines: [] };
    } else if (open !== undefined && fence?.[2] === '' && fence[1]?.startsWith(open.fence) === true) {
      blocks.push({ ...open.block, code: open.lines.join('\n') });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
    } else {
      text.push(line);
      continue;
    }
    text.push('');
  }
  return { blocks, text: text.join('\n') };
}

/** The anchors of a document's headings, spelled as code hosts spell them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of splitMarkdown(markdown).text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    let unique = slug;
    for (let copy = 1; anchors.has(unique); copy++) unique = `${slug}-${copy}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The targets of a document's links, inline and by reference. */
export function linksOf(markdown: string): string[] {
  const text = splitMarkdown(markdown).text.replace(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const reference = [...text.matchAll(/^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s+"[^"]*")?$/gm)];
  return [...inline, ...reference].map((match) => match[1] ?? '');
}
