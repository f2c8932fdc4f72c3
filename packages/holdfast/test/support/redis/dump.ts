import { linkTo, type RedisClient } from '../../../src/stores/redis/client.ts';

/** Everything that Redis holds below a prefix: each key with its value, as text. */
export async function dumpOf(client: RedisClient, prefix: string): Promise<string> {
  const { send, sendToAll } = linkTo(client);
  const found = await Promise.all(await sendToAll('KEYS', `${prefix}*`));
  const keys = found.flat() as string[];
  if (keys.length === 0) throw new Error(`there is no key below ${prefix}`);
  const dumps = keys.map(async (key) => {
    const isIndex = (await send(key, 'TYPE', key)) === 'hash';
    return [key, isIndex ? await send(key, 'HGETALL', key) : await send(key, 'GET', key)];
  });
  return JSON.stringify(await Promise.all(dumps));
}
