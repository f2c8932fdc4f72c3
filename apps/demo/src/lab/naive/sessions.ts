/**
 * NAIVE ON PURPOSE. Do not copy anything from this file.
 *
 * Sessions as they are written by hand on an afternoon, with the mistakes that were found in packages in wide use: ids
 * that can be counted, an unknown id adopted, the same id before and after the sign-in, the whole record read at the start
 * of a request and written back at its end, a cookie that scripts can read and other sites can use. Only the runner of the
 * lab gets to see it.
 */
import { randomInt } from 'node:crypto';

export interface NaiveRecord {
  user?: string;
  data: Record<string, string | number>;
}

export class NaiveSessions {
  readonly #records = new Map<string, NaiveRecord>();
  #lastId = randomInt(10 ** 11, 10 ** 12);

  /** The next number. */
  newId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  /** A copy, as a database gives one. */
  read(id: string): NaiveRecord | undefined {
    return structuredClone(this.#records.get(id));
  }

  /** The whole record over whatever is there by now, or is not there any more. */
  write(id: string, record: NaiveRecord): void {
    this.#records.set(id, structuredClone(record));
  }

  delete(id: string): void {
    this.#records.delete(id);
  }
}
