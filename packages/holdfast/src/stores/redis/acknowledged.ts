/** Writes that wait until replicas have them too (WAIT). */
import { type RedisClient, linkTo, type Link } from './client.ts';
import { type RunScript, scriptsOn } from './run-script.ts';

/**
 * Sign-ins, other privilege changes and ends are answered when `replicas` servers have received them beside the primary; where
 * fewer have by `timeout`, the call rejects, and the change may stand or not.
 *
 * This bounds what a failover forgets; it does not exclude it: the servers may promote a replica that has not received the
 * change (WAIT makes no Redis strongly consistent).
 */
export interface Acknowledgement {
  /** A client of its own: whatever else it sends waits behind each acknowledgement. */
  readonly client: RedisClient;
  /** How many replicas. */
  readonly replicas: number;
  /** In milliseconds; shorter than the deadline of a call to the store. Default 500. */
  readonly timeout?: number;
}

export function acknowledgedOn({ client, replicas, timeout = 500 }: Acknowledgement): {
  readonly run: RunScript;
  readonly send: Link['send'];
} {
  if (!(Number.isInteger(replicas) && replicas > 0)) {
    throw new TypeError('redisStore: acknowledged.replicas is a whole number from 1');
  }
  if (!(Number.isInteger(timeout) && timeout > 0)) {
    // WAIT takes 0 for "forever".
    throw new TypeError('redisStore: acknowledged.timeout is milliseconds, a whole number from 1');
  }
  const link = linkTo(client);
  const send: Link['send'] = async (key, ...command) => {
    const [reply, received] = await link.sendAndWait(key, command, replicas, timeout);
    const count = Number(received);
    if (count >= replicas) return reply;
    throw new Error(
      `${count} of ${replicas} replicas have the change after ${timeout} ms; it may be lost at a failover`,
    );
  };
  return { run: scriptsOn({ send }), send };
}
