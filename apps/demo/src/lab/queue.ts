/** One run at a time, and few that wait: the lab is for looking at, and must not become a way to keep the server busy. */

export class BusyError extends Error {
  override readonly name = 'BusyError';
}

export class Queue {
  readonly #mostWaiting: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs a task when those before it are done.
   *
   * @throws BusyError when so many are waiting already that this one would only make it worse
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting > this.#mostWaiting) throw new BusyError('too many runs are waiting');
    this.#waiting += 1;
    const mine = this.#last.then(task);
    // Whether it worked is nothing to those behind it.
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
