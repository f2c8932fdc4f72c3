/** The shared servers, each data server behind a proxy of the test's own. */
import { addressMap, startProxy, type TcpProxy } from '../tcp-proxy.ts';
import { type RedisAddresses, sharedAddresses, type Topologies } from './clients.ts';
import { call } from './resp.ts';

export interface Proxied {
  readonly addresses: RedisAddresses;
  /** One for each server that holds keys or may. */
  readonly proxies: readonly TcpProxy[];
  close(): Promise<void>;
}

async function dataPorts(topology: keyof Topologies, addresses: RedisAddresses): Promise<number[]> {
  const { standalone, sentinel, cluster } = addresses;
  if (topology === 'standalone') return [standalone.port];
  if (topology === 'cluster') return cluster.map(({ port }) => port);
  const [first] = sentinel.sentinels;
  if (!first) throw new Error('there is no sentinel');
  const asked = ['MASTER', 'REPLICAS'].map((what) => call(first.port, 'SENTINEL', what, sentinel.name));
  const [primary, replicas] = (await Promise.all(asked)) as readonly (readonly unknown[])[];
  const portOf = (fields: readonly unknown[]): number => Number(fields[fields.indexOf('port') + 1]);
  return [portOf(primary ?? []), ...(replicas as readonly (readonly unknown[])[]).map(portOf)];
}

export async function proxied(topology: keyof Topologies): Promise<Proxied> {
  const addresses = await sharedAddresses(topology);
  const ports = await dataPorts(topology, addresses);
  const proxies = await Promise.all(ports.map((port) => startProxy(port)));
  return {
    addresses: { ...addresses, via: addressMap(proxies) },
    proxies,
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  };
}
