/** A Redis Cluster of three primaries and three replicas. */
import { until } from '../until.ts';
import { type Address, baseArgs, type RedisServer, startOn, stopAll } from './server.ts';

export interface RedisCluster {
  /** The primaries at the start first, then their replicas in the same order. */
  readonly nodes: readonly RedisServer[];
  readonly seeds: readonly Address[];
  /** `redis+cluster://127.0.0.1:7000,…` */
  readonly url: string;
  /** The primary that has the slot of a key now. */
  ownerOf(key: string): Promise<RedisServer>;
  /** The replicas of a node that is a primary now. */
  replicasOf(primary: RedisServer): Promise<readonly RedisServer[]>;
  /** Begins to move the slot of a key to another primary, as `redis-cli --cluster reshard` does. */
  beginMove(key: string, to: RedisServer): Promise<SlotMove>;
  stop(): Promise<void>;
}

/** While a slot moves, its old owner sends on (`ASK`) whoever looks for a key that it no longer has. */
export interface SlotMove {
  readonly slot: number;
  /** Moves the keys that the slot has now; without names, all of them. */
  moveKeys(...keys: string[]): Promise<void>;
  /** Tells all primaries of the new owner: from now on the old one sends on with `MOVED`. */
  finish(): Promise<void>;
}

export interface ClusterOptions {
  /** For every node, after the default arguments. */
  readonly args?: readonly string[];
  /** How long a node may be silent, in milliseconds (1500). */
  readonly nodeTimeoutMs?: number;
}

const SLOTS = 16_384;
const PRIMARIES = 3;

function startNode({ args = [], nodeTimeoutMs = 1500 }: ClusterOptions): Promise<RedisServer> {
  return startOn((port, folder) => [
    ...baseArgs(port, folder),
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    String(nodeTimeoutMs),
    // Nobody is told of a replica that has not received anything: by default its primary first says something after 10 s.
    '--repl-ping-replica-period',
    '1',
    ...args,
  ]);
}

async function idOf(node: RedisServer): Promise<string> {
  return String(await node.call('CLUSTER', 'MYID'));
}

async function infoOf(node: RedisServer): Promise<string> {
  return String(await node.call('CLUSTER', 'INFO'));
}

/** The nodes as one of them sees them: id, port, flags, id of the primary. */
async function viewOf(
  node: RedisServer,
): Promise<{ id: string; port: number; flags: string[]; primary: string; isLinked: boolean }[]> {
  const lines = String(await node.call('CLUSTER', 'NODES')).trimEnd();
  return lines.split('\n').map((line) => {
    const [id = '', address = '', flags = '', primary = '', , , , link] = line.split(' ');
    const port = Number(/:(\d+)@/.exec(address)?.[1]);
    return { id, port, flags: flags.split(','), primary, isLinked: link === 'connected' };
  });
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const primaries = nodes.slice(0, PRIMARIES);
  for (const [i, node] of nodes.entries()) {
    // Otherwise all begin with the same epoch, and each conflict takes a round of messages to solve. A node that has
    // met another refuses this.
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
  }
  for (const [i, node] of nodes.entries()) {
    // Each meets each: gossip would take some seconds to get around.
    for (const other of nodes.slice(i + 1)) await node.call('CLUSTER', 'MEET', '127.0.0.1', other.port);
  }
  for (const [i, primary] of primaries.entries()) {
    const first = Math.floor((i * SLOTS) / PRIMARIES);
    const end = Math.floor(((i + 1) * SLOTS) / PRIMARIES);
    // CLUSTER ADDSLOTSRANGE would be shorter, and needs Redis 7.
    await primary.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: end - first }, (_, n) => first + n));
  }
  for (const node of nodes) {
    await until('every node knows every other', async () => {
      const view = await viewOf(node);
      return view.length === nodes.length && view.every((o) => o.isLinked && !o.flags.includes('handshake'));
    });
  }
  for (const [i, replica] of nodes.slice(PRIMARIES).entries()) {
    const primary = primaries[i % PRIMARIES];
    if (primary) await replica.call('CLUSTER', 'REPLICATE', await idOf(primary));
  }
  for (const node of nodes) {
    await until('every node sees the whole cluster', async () => {
      const info = await infoOf(node);
      if (!info.includes('cluster_state:ok') || !info.includes(`cluster_slots_ok:${SLOTS}`)) return false;
      const ranges = (await node.call('CLUSTER', 'SLOTS')) as readonly (readonly unknown[])[];
      return ranges.length === PRIMARIES && ranges.every((range) => range.length === 4);
    });
  }
  for (const replica of nodes.slice(PRIMARIES)) {
    await until('every replica follows its primary', async () =>
      String(await replica.call('INFO', 'replication')).includes('master_link_status:up'),
    );
  }
}

/** Starts a cluster of its own for a test: one that may be broken. Where a shared one will do, see `shared.ts`. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const starting = Array.from({ length: 2 * PRIMARIES }, () => startNode(options));
  const settled = await Promise.allSettled(starting);
  const nodes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    await Promise.all(starting);
    await join(nodes);
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
  return clusterOf(nodes);
}

function clusterOf(nodes: readonly RedisServer[]): RedisCluster {
  const seeds = nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const running = (): RedisServer[] => nodes.filter((node) => node.isRunning);
  const nodeOn = (port: unknown): RedisServer => {
    const node = nodes.find((one) => one.port === port);
    if (!node) throw new Error(`no node of the cluster has port ${port}`);
    return node;
  };
  const anyNode = (): RedisServer => running()[0] ?? nodeOn(undefined);
  const slotOf = async (key: string): Promise<number> =>
    Number(await anyNode().call('CLUSTER', 'KEYSLOT', key));

  const ownerOfSlot = async (slot: number): Promise<RedisServer> => {
    type Range = readonly [first: number, last: number, primary: readonly [host: string, port: number]];
    const ranges = (await anyNode().call('CLUSTER', 'SLOTS')) as unknown as readonly Range[];
    return nodeOn(ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1]);
  };

  return {
    nodes,
    seeds,
    url: `redis+cluster://${seeds.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    ownerOf: async (key) => ownerOfSlot(await slotOf(key)),
    async replicasOf(primary) {
      const view = await viewOf(primary);
      const me = view.find(({ flags }) => flags.includes('myself'))?.id;
      return view.filter((other) => other.primary === me).map((other) => nodeOn(other.port));
    },
    async beginMove(key, to) {
      const slot = await slotOf(key);
      const from = await ownerOfSlot(slot);
      const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
      await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
      await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
      return {
        slot,
        async moveKeys(...named) {
          const keys =
            named.length > 0
              ? named
              : ((await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100_000)) as readonly string[]);
          if (keys.length > 0) await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
        },
        async finish() {
          // The new owner first: until it knows, the old one would send clients back and forth.
          const view = await viewOf(to);
          const others = view.filter(({ flags, port }) => flags.includes('master') && port !== to.port);
          await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
          for (const { port } of others) await nodeOn(port).call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
        },
      };
    },
    stop: () => stopAll(nodes),
  };
}
