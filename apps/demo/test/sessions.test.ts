import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo, STORES } from './support/demo.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';

/** The ids that the page offers to end, the current one first. */
function idsIn(body: string): string[] {
  return [...body.matchAll(/action="\/sessions\/([\w-]{22})\/end"/g)].map(([, id]) => id ?? '');
}

describe.each(STORES)('your sessions on %s', (kind) => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo({ kind });
  });
  afterEach(() => demo.close());

  async function twoDevices() {
    const here = demo.client(FIREFOX);
    await here.signUp('Grace');
    demo.clock.advance('5m');
    const there = demo.client(IPHONE);
    await there.signIn('Grace');
    return { here, there };
  }

  it('lists every device, and marks this one (ASVS-7.5.2)', async () => {
    const { here } = await twoDevices();
    const { status, body } = await here.get('/sessions');
    expect(status).toBe(200);
    expect(body).toContain('Firefox on Linux');
    expect(body).toContain('Safari on iPhone');
    expect(body.match(/this session/g)).toHaveLength(1);
    expect(body).toMatch(/<dd>(127\.0\.0\.1|::1)<\/dd>/);
    expect(idsIn(body)).toHaveLength(2);
    expect((await here.get('/')).body).toContain('Signed in on 2 devices');
  });

  it('ends another session at once (ASVS-7.5.2)', async () => {
    const { here, there } = await twoDevices();
    const [, other] = idsIn((await here.get('/sessions')).body);
    const answer = await here.post(`/sessions/${other}/end`);
    expect([answer.status, answer.location]).toEqual([303, '/sessions?done=ended']);
    expect((await there.state()).signedIn).toBe(false);
    expect((await there.get('/')).body).toContain('This session was ended from another device.');
    expect((await here.state()).signedIn).toBe(true);
    expect(idsIn((await here.get('/sessions')).body)).toHaveLength(1);
  });

  it('ends all others, and not this one (ASVS-7.4.3)', async () => {
    const { here, there } = await twoDevices();
    const third = demo.client();
    await third.signIn('Grace');
    const answer = await here.post('/sessions/end-others');
    expect([answer.status, answer.location]).toEqual([303, '/sessions?done=others-ended']);
    const states = await Promise.all([here, there, third].map((client) => client.state()));
    expect(states.map(({ signedIn }) => signedIn)).toEqual([true, false, false]);
  });

  it('signs out when the session that is ended is this one', async () => {
    const { here, there } = await twoDevices();
    const [mine] = idsIn((await here.get('/sessions')).body);
    const answer = await here.post(`/sessions/${mine}/end`);
    expect(answer.location).toBe('/?done=signed-out');
    expect(here.cookie).toBeUndefined();
    expect((await there.state()).signedIn).toBe(true);
  });

  it("does not end somebody else's session, whoever knows its id", async () => {
    const { here } = await twoDevices();
    const [id] = idsIn((await here.get('/sessions')).body);
    const stranger = demo.client();
    await stranger.signUp('Mallory');
    expect((await stranger.post(`/sessions/${id}/end`)).status).toBe(404);
    expect((await demo.client().post(`/sessions/${id}/end`)).location).toBe('/sign-in');
    expect((await here.state()).signedIn).toBe(true);
  });

  it('says that a session is gone when it is ended twice, or is none', async () => {
    const { here } = await twoDevices();
    const [, other] = idsIn((await here.get('/sessions')).body);
    await here.post(`/sessions/${other}/end`);
    for (const id of [other, 'A'.repeat(22), 'nonsense', '%3Cscript%3E']) {
      const answer = await here.post(`/sessions/${id}/end`);
      expect([id, answer.status]).toEqual([id, 404]);
      expect(answer.body).not.toContain('<script>');
    }
  });

  it('shows nothing to whoever is not signed in', async () => {
    const answer = await demo.client().get('/sessions');
    expect([answer.status, answer.location]).toEqual([303, '/sign-in']);
    expect((await demo.client().post('/sessions/end-others')).location).toBe('/sign-in');
  });

  it('leaves out sessions that have idled out', async () => {
    const { here, there } = await twoDevices();
    for (let i = 0; i < 4; i++) {
      demo.clock.advance('10m');
      await here.get('/');
    }
    const { body } = await here.get('/sessions');
    expect(idsIn(body)).toHaveLength(1);
    expect((await there.state()).signedIn).toBe(false);
    expect((await there.get('/sign-in')).body).toContain('nothing had happened for a while');
  });
});

describe('the two clocks', () => {
  it('end a session that is idle, and one that is too old however busy it is (ASVS-7.3.1, ASVS-7.3.2)', async () => {
    const demo = await startDemo({ timeouts: { idleTimeout: 120, absoluteTimeout: 600, renewAfter: 90 } });
    const idle = demo.client();
    await idle.signUp('Grace');
    const busy = demo.client();
    await busy.signIn('Grace');
    for (let i = 0; i < 5; i++) {
      demo.clock.advance('100s');
      expect((await busy.state()).signedIn).toBe(true);
    }
    expect((await idle.state()).signedIn).toBe(false);
    expect((await busy.state()).renewals).toBeGreaterThanOrEqual(3);
    demo.clock.advance('100s');
    expect((await busy.state()).signedIn).toBe(false);
    expect((await busy.get('/')).body).toContain('the session had reached its longest time');
    await demo.close();
  });

  it('shows when the session ends, from the record', async () => {
    const demo = await startDemo();
    const client = demo.client();
    await client.signUp('Grace');
    const { body } = await client.get('/');
    expect(body).toContain('>in 30 minutes</time>');
    expect(body).toContain('<time datetime="2026-01-01T00:30:00.000Z"');
    expect(body).toContain('>in 8 hours</time>');
    expect(body).toContain('<time datetime="2026-01-01T08:00:00.000Z"');
    await demo.close();
  });
});
