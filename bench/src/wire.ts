/** What does not depend on how busy the machine is: counted on a server of its own, a few requests long. */
import { request, SignIn, visitor } from './browsers.ts';
import { type Answer, type Browser, Jar } from './load.ts';
import type { Urls } from './places.ts';
import { ServerProcess } from './server-process.ts';
import { median } from './stats.ts';
import type { Variant } from './variants.ts';

export interface Wire {
  readonly variant: Variant;
  /** Writes to the socket for each answer. */
  readonly writes: number;
  /** Bytes of the head of the answer to a read. */
  readonly headBytes: number;
  /** Bytes of the session's cookies in each request. */
  readonly cookieBytes: number;
  /** Set-Cookie headers in the answer to a read, and in the answer to a visitor without a session. */
  readonly cookiesOnRead: number;
  readonly cookiesOnVisit: number;
  /** Bytes allocated for each read. */
  readonly allocated: number;
}

const READS = 1_000;
/** A garbage collection falls into one of them at most, and the median does not see it. */
const PARTS = 10;
/** So much room for new objects that none is collected meanwhile. */
const EXEC_ARGV = ['--min-semi-space-size=256', '--max-semi-space-size=256'];

class Reader implements Browser {
  readonly #jar: Jar | undefined;
  last: Answer | undefined;
  constructor(jar: Jar | undefined) {
    this.#jar = jar;
  }
  next(): string {
    return request('GET', '/read', this.#jar);
  }
  check(answer: Answer): undefined {
    this.#jar?.take(answer);
    this.last = answer;
  }
}

const cookiesIn = (answer: Answer | undefined): number => (answer ? new Jar().take(answer) : 0);

export async function lookAtWire(variant: Variant, places: Urls, cpu: number | undefined): Promise<Wire> {
  const options = { cpu, env: { BENCH_COUNT_WRITES: '1' }, execArgv: EXEC_ARGV };
  const server = await ServerProcess.start(variant, places, options);
  try {
    const who = visitor('user-0');
    await server.connections.run([new SignIn(who)], { requests: 1 });
    const cookieBytes = who.jar.header.length;
    const reader = new Reader(who.jar);
    await server.connections.run([reader], { requests: READS });
    await server.ask({ ask: 'writes' });
    const allocated: number[] = [];
    for (let i = 0; i < PARTS; i++) {
      const before = await server.ask({ ask: 'heap' });
      await server.connections.run([reader], { requests: READS / PARTS });
      allocated.push((((await server.ask({ ask: 'heap' })) - before) / READS) * PARTS);
    }
    const writes = (await server.ask({ ask: 'writes' })) / READS;
    const stranger = new Reader(undefined);
    await server.connections.run([stranger], { requests: 1 });
    return {
      variant,
      writes,
      headBytes: (reader.last?.head.length ?? 0) + 4,
      cookieBytes,
      cookiesOnRead: cookiesIn(reader.last),
      cookiesOnVisit: cookiesIn(stranger.last),
      allocated: median(allocated),
    };
  } finally {
    await server.stop();
  }
}
