/** Answers that are there at once where nothing has to be waited for: a promise costs a request more than most of its work. */

export type MaybePromise<T> = T | Promise<T>;

/** Uses an answer: at once, where it is there. */
export function after<T, U>(answer: MaybePromise<T>, use: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
