/** The way of notices to one server: late, lost, or cut off. */
import type { Notice } from '../../src/store.ts';

export class Channel {
  #queue: Notice[] = [];
  #listener: (notice: Notice) => void = () => undefined;
  #isCut = false;

  readonly watch = async (listener: (notice: Notice) => void): Promise<() => Promise<void>> => {
    this.#listener = listener;
    listener({ kind: 'up' });
    return async () => undefined;
  };

  send(notice: Notice): void {
    if (!this.#isCut) this.#queue.push(notice);
  }

  /** The oldest arrive. */
  deliver(count: number): void {
    for (const notice of this.#queue.splice(0, count)) this.#listener(notice);
  }

  /** The oldest never arrives. */
  lose(): void {
    this.#queue.shift();
  }

  /** Notices are missing; the server knows, or does not know yet. */
  cut(isNoticed: boolean): void {
    this.#queue = [];
    this.#isCut = true;
    if (isNoticed) this.#listener({ kind: 'down' });
  }

  mend(): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    this.#listener({ kind: 'down' });
    this.#listener({ kind: 'up' });
  }
}
