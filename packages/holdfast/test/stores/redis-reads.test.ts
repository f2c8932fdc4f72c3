/** What a read gives up to be cheap, and what it does not. */
import { createClient, TimeoutError } from 'redis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { redisStore } from '../../src/stores/redis/index.ts';
import { idOf, sampleRecord } from '../../src/testing/contract/samples.ts';
import { connectNodeRedis, sharedAddresses } from '../support/redis/clients.ts';
import { keyPrefix } from '../support/redis/shared.ts';

const silent = { onWarning: () => undefined };
const ignore = (): void => undefined;

afterEach(() => vi.restoreAllMocks());

describe('node-redis, which sets a timer for what waits to be written', () => {
  test('sets none for a read while it is connected, and one for a change', async () => {
    const { client, close } = await connectNodeRedis(await sharedAddresses('standalone'));
    const store = redisStore(client, { prefix: keyPrefix(), ...silent });
    await store.insert(sampleRecord());
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    expect((await store.read(idOf('one')))?.id).toBe(idOf('one'));
    expect(await store.read(idOf('two'))).toBeUndefined();
    expect(timeout).not.toHaveBeenCalled();
    await store.apply(idOf('one'), { epoch: 0, at: Date.now(), touch: Date.now() });
    expect(timeout).toHaveBeenCalled();
    close();
  });

  test('gives up a read that waits for a connection when it was told to', async () => {
    // Nobody listens there.
    const socket = { host: '127.0.0.1', port: 1, reconnectStrategy: 20 };
    const client = createClient({ socket, commandOptions: { timeout: 100 } });
    client.on('error', ignore);
    client.connect().catch(ignore);
    const store = redisStore(client, silent);
    await expect(store.read(idOf('one'))).rejects.toBeInstanceOf(TimeoutError);
    client.destroy();
  });
});
