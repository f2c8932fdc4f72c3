import type { RedisAddresses } from './clients.ts';
import { startCluster } from './cluster.ts';
import { startSentinel } from './sentinel.ts';
import { startRedis } from './server.ts';

type Ports = Readonly<Record<'standalone' | 'sentinel' | 'cluster', readonly number[]>>;

export interface Topologies {
  readonly addresses: RedisAddresses;
  readonly primaries: Ports;
  /** Those of replicas among them. */
  readonly all: Ports;
  stop(): Promise<unknown>;
}

/** Servers of one's own, where the shared ones would show what others do: in their statistics and logs. */
export async function startTopologies(): Promise<Topologies> {
  const [redis, group, cluster] = await Promise.all([
    startRedis(),
    startSentinel({ downAfterMs: 60_000 }),
    startCluster({ nodeTimeoutMs: 15_000 }),
  ]);
  const nodes = cluster.nodes.map(({ port }) => port);
  const { primary, replica } = group;
  return {
    addresses: {
      standalone: { host: '127.0.0.1', port: redis.port },
      sentinel: group,
      cluster: cluster.seeds,
    },
    primaries: { standalone: [redis.port], sentinel: [primary.port], cluster: nodes.slice(0, 3) },
    all: { standalone: [redis.port], sentinel: [primary.port, replica.port], cluster: nodes },
    stop: () => Promise.all([redis, group, cluster].map((server) => server.stop())),
  };
}
