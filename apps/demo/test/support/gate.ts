import type { Wait } from '../../src/wait.ts';

/** Stands in for time in the lab: a request that waits is held until the test lets it go. */
export class Gate {
  #waiting: (() => void)[] = [];
  #watchers: (() => void)[] = [];

  readonly wait: Wait = (milliseconds) => {
    if (milliseconds === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      for (const watcher of this.#watchers) watcher();
    });
  };

  /** Resolves when so many requests are being held. */
  arrived(count = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#waiting.length >= count) resolve();
      };
      this.#watchers.push(look);
      look();
    });
  }

  /** Lets go of every request that is held. */
  open(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
