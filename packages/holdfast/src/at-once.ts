/** Answers that are there at once where nothing has to be waited for: a promise costs a request more than most of its work. */

export type MaybePromise<T> = T | Promise<T>;

/** Whatever anybody calls a promise: of another library, or of another realm. */
export function isThenable<T>(answer: MaybePromise<T>): answer is Promise<T> {
  return typeof (answer as Partial<Promise<T>> | null | undefined)?.then === 'function';
}

/** Uses an answer: at once, where it is there. */
export function after<T, U>(answer: MaybePromise<T>, use: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isThenable(answer) ? Promise.resolve(answer).then(use) : use(answer);
}
