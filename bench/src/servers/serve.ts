/**
 * One server in a process of its own: `serve.ts <framework> <library> <store>`. It says on which port it listens, answers
 * questions about its process, and ends with whoever started it.
 */
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import type { AddressInfo, Socket } from 'node:net';
import type { Libraries, Store } from './server.ts';

export type Question =
  | { readonly ask: 'cpu' }
  /** After a garbage collection, where the server runs with `--expose-gc`. */
  | { readonly ask: 'memory' }
  /** Bytes on the heap, garbage included. */
  | { readonly ask: 'heap' }
  | { readonly ask: 'writes' }
  | { readonly ask: 'startProfile' }
  /** Writes the profile since then. */
  | { readonly ask: 'stopProfile'; readonly file: string }
  | { readonly ask: 'startAllocations' }
  | { readonly ask: 'stopAllocations'; readonly file: string }
  | { readonly ask: 'fill'; readonly count: number; readonly file: string };

export interface Answers {
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
  /** How often a socket was written to since the last question. */
  readonly writes: number;
  readonly heap: number;
  readonly startAllocations: true;
  readonly stopAllocations: true;
  readonly startProfile: true;
  readonly stopProfile: true;
  /** Bytes that each session takes. */
  readonly fill: number;
}

const [framework = '', library = '', store = 'none'] = process.argv.slice(2);
const { libraries } = (await import(`./${framework}.ts`)) as { libraries: Libraries };
const start = libraries[library];
if (!start) throw new Error(`${framework} is not measured with ${library}`);
const { server, fill } = await start({
  store: store as Store,
  redisUrl: process.env['BENCH_REDIS'] ?? '',
  postgresUrl: process.env['BENCH_POSTGRES'] ?? '',
  mysqlUrl: process.env['BENCH_MYSQL'] ?? '',
});

// A connection that is idle while others are measured stays open.
server.keepAliveTimeout = 3_600_000;

const profiler = new Session();

let writes = 0;
/** Every way in which Node hands bytes of a stream to the system, one call each. */
const WAYS = ['writev', 'writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writeAsciiString'] as const;
if (process.env['BENCH_COUNT_WRITES']) {
  server.on('connection', (socket: Socket) => {
    type Way = (...args: unknown[]) => unknown;
    const handle = (socket as unknown as Record<'_handle', Record<string, Way>>)['_handle'];
    for (const way of WAYS) {
      const write = handle[way];
      if (!write) continue;
      handle[way] = function counted(this: unknown, ...args) {
        writes++;
        return write.apply(this, args);
      };
    }
  });
}

async function answer(question: Question): Promise<Answers[Question['ask']]> {
  switch (question.ask) {
    case 'cpu':
      return process.cpuUsage();
    case 'memory':
      (globalThis as { gc?: () => void }).gc?.();
      return process.memoryUsage();
    case 'writes': {
      const counted = writes;
      writes = 0;
      return counted;
    }
    case 'heap':
      return process.memoryUsage().heapUsed;
    case 'startAllocations': {
      profiler.connect();
      const includes = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
      await profiler.post('HeapProfiler.startSampling', { samplingInterval: 4_096, ...includes });
      return true;
    }
    case 'stopAllocations': {
      const { profile } = await profiler.post('HeapProfiler.stopSampling');
      profiler.disconnect();
      await writeFile(question.file, JSON.stringify(profile));
      return true;
    }
    case 'startProfile':
      profiler.connect();
      await profiler.post('Profiler.enable');
      await profiler.post('Profiler.setSamplingInterval', { interval: 100 });
      await profiler.post('Profiler.start');
      return true;
    case 'stopProfile': {
      const { profile } = await profiler.post('Profiler.stop');
      profiler.disconnect();
      await writeFile(question.file, JSON.stringify(profile));
      return true;
    }
    case 'fill': {
      if (!fill) throw new Error(`${library} can not be filled`);
      const { cookies, bytesEach } = await fill(question.count);
      await writeFile(question.file, cookies.join('\n'));
      return bytesEach;
    }
  }
}

process.on('message', (question: Question) => {
  answer(question).then(
    (value) => process.send?.({ value }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
