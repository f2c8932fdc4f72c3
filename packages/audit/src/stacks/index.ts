import { nodeStacks } from './node.ts';
import { otherStacks } from './others.ts';
import { phpStacks } from './php.ts';
import { pythonStacks } from './python.ts';
import type { Stack } from './stack.ts';

/** Where two are as likely, the first is meant. */
export const stacks: readonly Stack[] = [...nodeStacks, ...pythonStacks, ...phpStacks, ...otherStacks];
