/** The lab: what each experiment shows is what happens, on both sides, every time. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { labClock } from '../src/lab/lab-clock.ts';
import { EXPERIMENTS } from '../src/lab/experiments/index.ts';
import type { Experiment } from '../src/lab/experiment.ts';
import { Gate } from '../src/lab/gate.ts';
import { forRunnerOnly, KEY_HEADER, listenOnLoopback } from '../src/lab/loopback.ts';
import { naiveTarget } from '../src/lab/naive/target.ts';
import { experimentPage } from '../src/lab/pages/experiment.ts';
import { BusyError, Queue } from '../src/lab/queue.ts';
import { type Outcome, type Result, runExperiment } from '../src/lab/run.ts';
import type { Client } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';

/** Which requirement each shows; `conformance.md` is made from titles like these. */
const PROVES: Readonly<Record<string, string>> = {
  'stolen-cookie': 'ASVS-7.4.1, NIST-5.1-3',
  fixation: 'ASVS-7.2.4, SM-14, SM-16',
  'cross-site': 'CSRF-5, ASVS-3.5.1',
  'reading-script': 'ASVS-3.3.4, NIST-5.1.1-3',
  guessing: 'ASVS-7.2.3',
  'two-tabs': 'no change that is made at the same time is lost',
  'slow-request': 'ASVS-7.4.1',
  'old-cookie': 'graded reuse',
};

/** The one arrow that must be in the picture for it to tell the story. */
const CENTRE: Readonly<Record<string, readonly string[]>> = {
  'stolen-cookie': ['copies secret 1', 'not signed in'],
  fixation: ['makes up a', 'with forged id'],
  'cross-site': ['with secret 1', 'cookie held back', '403 This request'],
  'reading-script': ['POST /collect', 'it is empty', 'it says:'],
  guessing: ['GET /account × 12', 'with a guess'],
  'two-tabs': ['200 kept: colour,', '200 kept: colour', '200 2 in the'],
  'slow-request': ['POST /settings', '409 Your session'],
  'old-cookie': ['16 minutes later', 'sets secret 2', 'sets secret 3'],
};

describe.each(EXPERIMENTS.map((experiment) => ({ id: experiment.id, experiment })))('the experiment $id', ({
  id,
  experiment,
}) => {
  const tokens = new Set<string>();
  let result: Result;
  let holdfast: Outcome;
  let naive: Outcome;
  beforeAll(async () => {
    result = await runExperiment(experiment, { onToken: (token) => tokens.add(token) });
    [holdfast, naive] = result.outcomes as [Outcome, Outcome];
  });

  it(`Holdfast holds and the naive session falls (${PROVES[id]})`, () => {
    expect([holdfast.target, holdfast.fell, holdfast.verdict]).toEqual([
      'holdfast',
      false,
      experiment.verdicts.held,
    ]);
    expect([naive.target, naive.fell, naive.verdict]).toEqual(['naive', true, experiment.verdicts.fell]);
  });

  it('each attack is judged, and both targets got the same ones', () => {
    const attacks = ({ events }: Outcome): number =>
      events.filter((event) => 'tone' in event && event.tone !== 'plain').length;
    expect(attacks(holdfast)).toBeGreaterThan(0);
    expect(attacks(naive)).toBeGreaterThan(0);
  });

  it('handed out tokens, and shows none of them, nor a part of one (ASVS-3.3.4)', () => {
    expect(tokens.size).toBeGreaterThan(1);
    const page = experimentPage({ experiment, number: 1, next: undefined, user: undefined, result });
    expect(page).toContain('secret 1');
    const shown = page + JSON.stringify(result.outcomes);
    for (const token of tokens) {
      for (const part of token.split('.')) expect(shown).not.toContain(part);
    }
  });
});

describe('the pages of the lab', () => {
  let demo: Demo;
  let client: Client;
  beforeAll(async () => {
    demo = await startDemo();
    client = demo.client();
    await client.signUp('Grace');
  });
  afterAll(() => demo.close());

  it('list every experiment', async () => {
    const { status, body } = await client.get('/lab');
    expect(status).toBe(200);
    for (const { id, title } of EXPERIMENTS) {
      expect(body).toContain(`<a href="/lab/${id}">${escape(title)}</a>`);
    }
    expect(EXPERIMENTS).toHaveLength(8);
    expect(PROVES).toEqual(Object.fromEntries(EXPERIMENTS.map(({ id }) => [id, expect.any(String)])));
  });

  it.each(EXPERIMENTS)('$id tells what it is before anything has run', async (experiment) => {
    const { status, body } = await client.get(`/lab/${experiment.id}`);
    expect(status).toBe(200);
    expect(body).toContain('Run the attack');
    expect(body).not.toContain('data-verdict');
    for (const { id, asks } of experiment.requirements) {
      expect(body).toContain(escape(id));
      expect(body).toContain(escape(asks));
    }
  });

  it.each(EXPERIMENTS)('$id runs at the press of the button, and draws what happened', async ({
    id,
    verdicts,
  }) => {
    const { status, body, setCookies } = await client.post(`/lab/${id}`);
    expect([status, setCookies]).toEqual([200, []]);
    expect(body).toContain('data-target="holdfast" data-verdict="held"');
    expect(body).toContain('data-target="naive" data-verdict="fell"');
    expect(body).toContain(escape(verdicts.held));
    expect(body).toContain(escape(verdicts.fell));
    expect(body.match(/<svg class="sequence"/g)).toHaveLength(2);
    expect(body).not.toMatch(/ style=|<style|NaN|undefined/);
    const drawn = textsOf(body);
    for (const text of CENTRE[id] ?? ['missing']) expect(drawn).toContain(text);
  });

  it('the visitor’s own session is as it was', async () => {
    const before = client.cookie;
    const listed = await demo.storage.store.listBy(`user:${demo.users.byName('Grace')?.id}`);
    await client.post('/lab/stolen-cookie');
    expect(client.cookie).toBe(before);
    expect(await client.state()).toMatchObject({ signedIn: true, user: 'Grace' });
    expect(await demo.storage.store.listBy(`user:${demo.users.byName('Grace')?.id}`)).toHaveLength(
      listed.length,
    );
    expect(demo.users.byName('Ada')).toBeUndefined();
  });

  it('the second origin serves a form that is aimed at the first, which refuses it (CSRF-5)', async () => {
    const { status, location = '' } = await client.get('/lab/cross-site/elsewhere');
    expect([status, new URL(location).hostname]).toEqual([303, '127.0.0.1']);
    const page = await (await fetch(location)).text();
    const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1];
    expect(action).toBe(`${demo.origin}/lab/cross-site/prize`);
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site, origin: new URL(location).origin };
      const answer = await client.post('/lab/cross-site/prize', { form: { prize: 'kelp' }, headers });
      expect([site, answer.status]).toEqual([site, 403]);
    }
    const elsewhere = await fetch(new URL('/nowhere', location));
    expect(elsewhere.status).toBe(404);
  });

  it('runs for somebody who is not signed in, and makes no session', async () => {
    const stranger = demo.client();
    const { status, setCookies } = await stranger.post('/lab/stolen-cookie');
    expect([status, setCookies]).toEqual([200, []]);
  });

  it('a run that fails is told, and noted', async () => {
    const noted = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const [experiment] = EXPERIMENTS as [Experiment];
    vi.spyOn(experiment, 'run').mockRejectedValue(new Error('at /secret/path'));
    const { status, body, headers } = await client.post(`/lab/${experiment.id}`);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(body).toContain('The experiment did not come to its end');
    expect(body).not.toContain('/secret/path');
    expect(noted).toHaveBeenCalledOnce();
  });

  it('who comes when many wait is told to come back', async () => {
    const [experiment] = EXPERIMENTS as [Experiment];
    const { run } = experiment;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    vi.spyOn(experiment, 'run').mockImplementation(async (scene) => {
      await held;
      await run(scene);
    });
    const running = Array.from({ length: 6 }, async () => client.post(`/lab/${experiment.id}`));
    const first = await Promise.race(running);
    expect([first.status, first.headers['retry-after']]).toEqual([429, '5']);
    expect(first.body).toContain('The lab is busy');
    letGo();
    const statuses = (await Promise.all(running)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('the naive sessions', () => {
  it('answer nobody but the runner, and say what they are', async () => {
    const target = naiveTarget({
      clock: labClock(),
      gate: new Gate(),
      passwords: new Map(),
      naiveSignOut: 'clears the cookie',
    });
    const { handler, key } = forRunnerOnly(target.handler);
    const server = await listenOnLoopback(handler);
    expect(await statusOf(server.port, {})).toEqual([404, undefined]);
    expect(await statusOf(server.port, { [KEY_HEADER]: 'guessed' })).toEqual([404, undefined]);
    expect(await statusOf(server.port, { [KEY_HEADER]: key })).toEqual([
      401,
      'insecure on purpose, for the lab only',
    ]);
    await server.close();
  });

  it('are nowhere in the application itself', async () => {
    const demo = await startDemo();
    const client = demo.client();
    for (const path of ['/basket', '/settings', '/email', '/lab/naive', '/lab/naive/account']) {
      const { status, headers } = await client.get(path);
      expect([path, status, headers['x-naive-sessions']]).toEqual([path, 404, undefined]);
    }
    const { headers } = await client.get('/lab', { headers: { cookie: 'sid=123456789012' } });
    expect(headers['x-naive-sessions']).toBeUndefined();
    await demo.close();
  });
});

describe('a run is bounded', () => {
  const endless = (run: Experiment['run']): Experiment => ({ ...(EXPERIMENTS[0] as Experiment), run });

  it('by the number of its requests', async () => {
    const greedy = endless(async ({ browser }) => {
      const visitor = browser('browser');
      for (;;) await visitor.get('/basket');
    });
    await expect(runExperiment(greedy, { requestLimit: 5 })).rejects.toThrow('more than 5 requests');
  });

  it('by time, also where a script waits for nothing', async () => {
    const stuck = endless(() => new Promise(() => undefined));
    await expect(runExperiment(stuck, { timeLimit: 1 })).rejects.toThrow(/timeout/i);
  });

  it('and void when an honest request fails', async () => {
    const wrong = endless(async ({ browser }) => {
      await browser('browser').post('/sign-in', { user: 'Ada', password: 'wrong' });
    });
    await expect(runExperiment(wrong)).rejects.toThrow('POST /sign-in was answered with 401');
  });

  it('to one at a time, with few that wait', async () => {
    const queue = new Queue(1);
    const order: string[] = [];
    let letGo = (): void => undefined;
    const first = queue.run(async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      order.push('first ends');
      throw new Error('and fails');
    });
    const second = queue.run(async () => order.push('second'));
    await expect(queue.run(async () => order.push('third'))).rejects.toThrow(BusyError);
    letGo();
    await expect(first).rejects.toThrow('and fails');
    await second;
    expect(order).toEqual(['first begins', 'first ends', 'second']);
    await queue.run(async () => order.push('later'));
    expect(order.at(-1)).toBe('later');
  });
});

function statusOf(port: number, headers: Record<string, string>): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/account', headers }, (res) => {
      res.resume();
      resolve([res.statusCode, res.headers['x-naive-sessions']]);
    })
      .on('error', reject)
      .end();
  });
}

/** What stands in the drawings, in order. */
function textsOf(body: string): string {
  return [...body.matchAll(/<text[^>]*>(.*?)<\/text>/g)]
    .map(([, text = '']) => text.replace(/<[^>]*>/g, ''))
    .join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
}
