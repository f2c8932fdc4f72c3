import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { runGroup } from '../../src/start/process-group.ts';
import { type StartOptions, startTarget } from '../../src/start/target.ts';
import { findLibfaketime } from '../../src/time/faketime.ts';
import { foreignServers, processesOf } from '../../src/time/foreign-clocks.ts';
import { listen } from '../gallery/exhibit.ts';
import { freePort } from '../../../holdfast/test/support/ports.ts';

// Each starts processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });
const BUSY = { timeout: 30_000 };

const node = `'${process.execPath}'`;

/** Answers with what its clocks say, in hours, and whether a timer of an hour is over. */
const CLOCKS = `
const start = { date: Date.now(), hr: performance.now() };
let timer = false;
setTimeout(() => { timer = true; }, 3_600_000);
require("node:http").createServer((req, res) => res.end(JSON.stringify({
  date: Math.round((Date.now() - start.date) / 3_600_000),
  hr: Math.round((performance.now() - start.hr) / 3_600_000),
  timer,
}))).listen(process.env.AT, "127.0.0.1");`;

/** Answers with how often the clock went back while four threads read it. */
const THREADS = `
const { Worker } = require("node:worker_threads");
const read = () => {
  let last = 0, back = 0;
  for (let reads = 0; reads < 10_000; reads++) {
    const now = Date.now();
    if (now < last) back++;
    last = now;
  }
  require("node:worker_threads").parentPort.postMessage(back);
};
const one = () => new Promise((done) => new Worker("(" + read + ")()", { eval: true }).once("message", done));
require("node:http").createServer(async (req, res) => {
  const backs = await Promise.all([one(), one(), one(), one()]);
  res.end(JSON.stringify(backs.reduce((sum, back) => sum + back)));
}).listen(process.env.AT, "127.0.0.1");`;

/** A parent outside of the group, which never asks after its child in the group; says who the parent is once that is dead. */
const NOBODY_ASKS = `
my $group = getpgrp;
pipe my $ended, my $alive;
unless (fork) {
  setpgrp 0, 0;
  unless (fork) { setpgrp 0, $group; exit }
  close $alive; readline $ended;
  syswrite STDOUT, "$$\\n";
  sleep 600; exit
}
close $alive;
sleep 600`;

async function options(script: string, more: Partial<StartOptions> = {}): Promise<StartOptions> {
  const port = await freePort();
  return {
    command: `${node} -e '${script}'`,
    target: new URL(`http://localhost:${port}/`),
    env: { ...process.env, AT: String(port) },
    ...more,
  };
}

async function ask(url: URL): Promise<unknown> {
  return (await fetch(url)).json();
}

describe('the clock of a Node process', () => {
  test('moves while it runs: first the time of day, and at the second try every clock, timers included', async () => {
    const chosen = await options(CLOCKS);
    const target = await startTarget(chosen);
    try {
      expect(await ask(chosen.target)).toEqual({ date: 0, hr: 0, timer: false });
      await target.time?.pass(7_200_000);
      expect(await ask(chosen.target)).toEqual({ date: 2, hr: 0, timer: false });
      expect(await target.time?.moveMore?.()).toBe(true);
      await target.time?.pass(7_200_000);
      await vi.waitFor(async () => expect(await ask(chosen.target)).toMatchObject({ timer: true }), BUSY);
      expect(await ask(chosen.target)).toEqual({ date: 2, hr: 2, timer: true });
      expect(await target.time?.moveMore?.()).toBe(false);
    } finally {
      await target.stop();
    }
  });

  test('never goes back, with several threads that read it: a session would end by chance, and Node itself', async () => {
    const chosen = await options(THREADS);
    const target = await startTarget(chosen);
    try {
      await target.time?.pass(7_200_000);
      expect(await ask(chosen.target)).toBe(0);
      await target.time?.moveMore?.();
      expect(await ask(chosen.target)).toBe(0);
      expect(target.ended).toBeUndefined();
    } finally {
      await target.stop();
    }
  });

  test('stays where libfaketime is missing, and it is said how to install it', async () => {
    expect(findLibfaketime({}, () => false)).toEqual({
      missing: expect.stringContaining('apt-get install libfaketime'),
    });
    const target = await startTarget(
      await options(CLOCKS, {}).then((it) => ({
        ...it,
        env: { ...it.env, HOLDFAST_LIBFAKETIME: '/no/such/library' },
      })),
    );
    await target.stop();
    expect(target.time).toBeUndefined();
    expect(target.whyNoTime).toContain('/no/such/library');
  });
});

describe('a target', () => {
  test('is not started where something answers already: it would be audited instead', async () => {
    const there = await listen((_, res) => res.end());
    try {
      await expect(startTarget({ command: 'true', target: new URL(there.url) })).rejects.toThrow(
        'something answers',
      );
    } finally {
      await there.stop();
    }
  });

  test('is not started for an address of another machine', async () => {
    const target = new URL('https://staging.example.com/');
    await expect(startTarget({ command: 'true', target })).rejects.toThrow('on this machine');
  });

  test('that ends is reported with its last lines, and without secrets', async () => {
    const chosen = await options(
      'console.log("no database for s3cret-pass"); console.error("key 0123456789abcdef0123456789abcdef"); process.exit(7)',
      { secrets: ['s3cret-pass'] },
    );
    const error = await startTarget(chosen).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.message).toMatch(/exit code 7.*no database for ‹password/s);
    expect(error?.message).not.toMatch(/s3cret|89abcdef/);
  });

  test('that does not come up in time is reported, and ended', async () => {
    const chosen = await options('setInterval(() => {}, 1e6)', { within: 1 });
    await expect(startTarget(chosen)).rejects.toThrow('does not answer');
  });

  test('ends with all that it has started, the shell gone or not', async () => {
    const group = await runGroup(
      `${node} -e 'setInterval(() => {}, 1e6)' & ${node} -e 'setInterval(() => {}, 1e6)'`,
      {
        ...process.env,
      },
    );
    await vi.waitFor(async () => expect((await processesOf(group.pid)).length).toBeGreaterThan(1), BUSY);
    await group.stop();
    expect(await processesOf(group.pid)).toEqual([]);
  });

  // Where the first process of a container waits for nobody's children, what a site leaves behind stays listed as dead.
  test.runIf(process.platform === 'linux')(
    'that has ended is not waited for, though nobody asks how it ended',
    async () => {
      const group = await runGroup(`exec perl -e '${NOBODY_ASKS}'`, process.env);
      await vi.waitFor(() => expect(group.lines()).toHaveLength(1), BUSY);
      const parent = Number(group.lines()[0]);
      try {
        await group.stop();
        expect(() => process.kill(-group.pid, 0)).not.toThrow();
      } finally {
        process.kill(parent, 'SIGKILL');
      }
    },
  );
});

test('servers that a target is connected to are seen, and its own clients are not', async () => {
  const other = createTcpServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const there = (other.address() as AddressInfo).port;
  const chosen = await options(
    `require("node:net").connect(${there}, "127.0.0.1", () => { ${CLOCKS.replaceAll('\n', ' ')} })`,
  );
  const target = await startTarget(chosen);
  try {
    await ask(chosen.target);
    expect(await target.time?.foreignClocks?.()).toEqual([`a server on port ${there}`]);
  } finally {
    await target.stop();
    other.close();
  }
  const group = await runGroup('true', process.env);
  await group.stop();
  expect(await foreignServers(group.pid)).toEqual([]);
});
