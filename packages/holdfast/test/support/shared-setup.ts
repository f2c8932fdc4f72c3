/**
 * Runs once for a whole test run (`globalSetup` in vitest.config.ts). Starts nothing but a loopback server that starts a
 * server of each kind when a test file first asks for it (`shared-server.ts`), so that a run without such a file waits for none.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startMariadb } from './mysql/server.ts';
import { startPostgres } from './postgres/server.ts';
import { startCluster } from './redis/cluster.ts';
import { startSentinel } from './redis/sentinel.ts';
import { startRedis } from './redis/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the server that starts shared servers. */
    readonly serverBroker: string;
  }
}

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/** Nothing fails over here, however busy the machine is: who wants that starts servers of its own. */
const PATIENCE_MS = 60_000;

const kinds: Readonly<Record<string, () => Promise<Started>>> = {
  redis: () => startRedis(),
  sentinel: () => startSentinel({ downAfterMs: PATIENCE_MS }),
  cluster: startPatientCluster,
  postgres: () => startPostgres(),
  mysql: () => startMariadb(),
};

/** A cluster that is patient from the beginning takes 5 s before it answers. */
async function startPatientCluster(): Promise<Started> {
  const cluster = await startCluster();
  for (const node of cluster.nodes) await node.call('CONFIG', 'SET', 'cluster-node-timeout', PATIENCE_MS);
  return cluster;
}

const started = new Map<string, Promise<Started>>();
let broker: Server | undefined;

function start(kind: string): Promise<Started> {
  const known = started.get(kind);
  if (known) return known;
  const starting = kinds[kind]?.() ?? Promise.reject(new Error(`no kind of server is called ${kind}`));
  started.set(kind, starting);
  return starting;
}

export async function setup(project: TestProject): Promise<void> {
  const server = createServer((request, response) => {
    start((request.url ?? '').slice(1)).then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  broker = server;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  project.provide('serverBroker', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

export async function teardown(): Promise<void> {
  broker?.closeAllConnections();
  broker?.close();
  const settled = await Promise.allSettled(started.values());
  await Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
}
