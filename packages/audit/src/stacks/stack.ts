/** What is known about a way to keep sessions: how it shows from outside, and how its weaknesses are put right there. */

export interface Stack {
  /** Stable. */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  /** What its token holds, in one sentence. */
  readonly session: string;
  readonly signs: readonly Sign[];
  /** What to do about what a check finds, by the id of the check. */
  readonly fixes: Readonly<Record<string, string>>;
}

/** One thing that is seen from outside. From `ENOUGH` on, together, they tell. */
export type Sign = Place & { readonly weighs: 1 | 2 | 3 };

type Place =
  /** The name of a cookie that proves who one is, without `__Host-` or `__Secure-`. */
  | { readonly proofName: RegExp }
  /** What proves who one is: a cookie or a bearer token. */
  | { readonly proofValue: RegExp }
  /** The name of any cookie. */
  | { readonly cookieName: RegExp }
  | { readonly header: string; readonly like: RegExp }
  /** The name of a field of a form. */
  | { readonly field: RegExp }
  /** The path of a page. */
  | { readonly path: RegExp };

export const ENOUGH = 3;
