/**
 * ioredis and iovalkey, told not to send commands again, forget those that were under way when a connection broke: they are
 * never answered. Here they reject, so that a caller need not wait for its deadline.
 */
interface Connection {
  on?(event: 'close', listener: () => void): unknown;
  readonly options: object;
}

/** The answer, as `use` takes it: in one promise with the wait for it. */
export type Settle = <T, U>(answer: Promise<T>, use: (value: T) => U) => Promise<U>;

/** Stores may share a client, and then share what listens to it. */
const known = new WeakMap<object, Settle>();

/** In a list with the others, which it leaves in one step when it is answered. */
interface Waiting {
  readonly reject: (error: Error) => void;
  before: Waiting | undefined;
  after: Waiting | undefined;
  isListed: boolean;
}

/** Rejects, too, what the client has kept to send it later, whenever it fails to connect: it may do so all the same. */
export function rejectingLost(client: Connection): Settle {
  const existing = known.get(client);
  if (existing) return existing;
  let first: Waiting | undefined;

  function leave(waiting: Waiting): void {
    if (!waiting.isListed) return;
    const { before, after } = waiting;
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    waiting.before = undefined;
    waiting.after = undefined;
    waiting.isListed = false;
  }

  client.on?.('close', () => {
    const error = new Error('the connection broke before the answer came');
    while (first) {
      const { reject } = first;
      leave(first);
      reject(error);
    }
  });
  const settle: Settle = (answer, use) =>
    new Promise((resolve, reject) => {
      const waiting: Waiting = { reject, before: undefined, after: first, isListed: true };
      if (first) first.before = waiting;
      first = waiting;
      answer.then(
        (value) => {
          leave(waiting);
          try {
            resolve(use(value));
          } catch (error) {
            reject(error);
          }
        },
        (error: unknown) => {
          leave(waiting);
          reject(error);
        },
      );
    });
  known.set(client, settle);
  return settle;
}
