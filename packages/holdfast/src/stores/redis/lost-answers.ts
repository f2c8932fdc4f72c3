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

/** Rejects, too, what the client has kept to send it later, whenever it fails to connect: it may do so all the same. */
export function rejectingLost(client: Connection): Settle {
  const existing = known.get(client);
  if (existing) return existing;
  const waiting = new Set<(error: Error) => void>();
  client.on?.('close', () => {
    const error = new Error('the connection broke before the answer came');
    for (const reject of waiting) reject(error);
    waiting.clear();
  });
  const settle: Settle = (answer, use) =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      answer.then(
        (value) => {
          waiting.delete(reject);
          try {
            resolve(use(value));
          } catch (error) {
            reject(error);
          }
        },
        (error: unknown) => {
          waiting.delete(reject);
          reject(error);
        },
      );
    });
  known.set(client, settle);
  return settle;
}
