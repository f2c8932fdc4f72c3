/** What a person did in a browser and what it sent, in order: what a recipe is written from. */
import type { Answer } from '../http/message.ts';

export type Moment = Typed | Pressed | Exchanged;

export interface Typed {
  readonly kind: 'typed';
  readonly page: URL;
  /** What a step calls the field: its name, its id, or what stands at it. */
  readonly field: string;
  /** All that is in it by now. */
  readonly value: string;
  /** What is typed there is not shown. */
  readonly isSecret: boolean;
}

export interface Pressed {
  readonly kind: 'pressed';
  readonly page: URL;
  /** The words on the button or link. */
  readonly text: string;
}

export interface Exchanged {
  readonly kind: 'exchanged';
  readonly answer: Answer;
  /** The browser went to it; a script has asked for it otherwise. */
  readonly isPage: boolean;
  /** Those that a script could read by then. */
  readonly cookies: readonly { readonly name: string; readonly value: string }[];
}
