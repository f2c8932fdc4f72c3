/** Holds requests in the middle of their work, so that another one can come in between without anybody waiting. */

export class Gate {
  #held: (() => void)[] = [];
  #watchers: (() => void)[] = [];

  /** Called by a target between reading the session and changing it. */
  hold(): Promise<void> {
    return new Promise((resolve) => {
      this.#held.push(resolve);
      for (const look of this.#watchers.splice(0)) look();
    });
  }

  /** Resolves when so many requests are being held. */
  async arrived(count: number): Promise<void> {
    while (this.#held.length < count) {
      await new Promise<void>((resolve) => {
        this.#watchers.push(resolve);
      });
    }
  }

  /** Lets go of the request that has been held for the longest time. */
  release(): void {
    this.#held.shift()?.();
  }
}
