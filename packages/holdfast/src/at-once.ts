/** Answers that are there at once where nothing has to be waited for: a promise costs a request more than most of its work. */

export type MaybePromise<T> = T | Promise<T>;

/** Whatever anybody calls a promise: of another library, or of another realm. */
export function isThenable<T>(answer: MaybePromise<T>): answer is Promise<T> {
  return typeof (answer as Partial<Promise<T>> | null | undefined)?.then === 'function';
}
