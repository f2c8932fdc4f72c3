/** In milliseconds: many times what a change takes. Each statement that hangs holds the others up for so long, and no longer. */
const LONGEST_TURN = 250;

/** One after another, in the order in which they came, for each key. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Whether whoever comes now would have to wait. */
  isTaken(key: string): boolean {
    return this.#last.has(key);
  }

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    let leave: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (leave = resolve));
    this.#last.set(key, mine);
    await before;
    const timer = setTimeout(leave, LONGEST_TURN);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      if (this.#last.get(key) === mine) this.#last.delete(key);
      leave();
    }
  }
}
