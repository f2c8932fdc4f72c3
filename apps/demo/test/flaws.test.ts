/** Each switch takes one defence away, and the attack that it kept off then works: on the healthy application it does not. */
import { afterEach, describe, expect, it } from 'vitest';
import { StartError } from '../src/config.ts';
import { FLAWS, type FlawName } from '../src/flaws/index.ts';
import { readSwitches } from '../src/flaws/switches.ts';
import { type Client, PASSWORD } from './support/client.ts';
import { type Demo, startDemo, STORES } from './support/demo.ts';

const ELSEWHERE = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

/** Says whether the attack succeeds. */
type Attack = (demo: Demo, victim: Client) => Promise<boolean>;

const signedIn = async (client: Client): Promise<boolean> => (await client.state()).signedIn;

const setCookieOf = async (demo: Demo): Promise<string> =>
  (await demo.client().signIn('Grace')).setCookies[0] ?? '';

const ATTACKS: Readonly<Record<FlawName, Attack>> = {
  async rotation(demo) {
    const attacker = demo.client();
    await attacker.post('/lab/set?key=a&value=1');
    const victim = attacker.copy();
    await victim.signIn('Grace');
    return (await signedIn(victim)) && signedIn(attacker);
  },
  async elevation(_, victim) {
    const thief = victim.copy();
    expect((await victim.post('/lab/privilege')).status).toBeLessThan(400);
    return (await signedIn(victim)) && signedIn(thief);
  },
  async logout(_, victim) {
    const thief = victim.copy();
    await victim.post('/sign-out');
    expect(victim.cookie).toBeUndefined();
    return signedIn(thief);
  },
  async revocation(demo, victim) {
    const thief = demo.client();
    await thief.signIn('Grace');
    await victim.post(`/sessions/${thief.cookie?.split('.')[0]}/end`);
    const one = await signedIn(thief);
    await victim.post('/sessions/end-others');
    return one && signedIn(thief);
  },
  async revival(demo, victim) {
    const thief = victim.copy();
    const slow = victim.copy().post('/lab/set?key=a&value=1&ms=1');
    await demo.gate.arrived();
    await victim.post('/sign-out');
    const isDead = !(await signedIn(thief));
    demo.gate.open();
    await slow;
    return isDead && signedIn(thief);
  },
  async renewal(demo, victim) {
    const before = victim.cookie;
    for (let i = 0; i < 3; i++) {
      demo.clock.advance('16m');
      expect(await signedIn(victim)).toBe(true);
    }
    return victim.cookie === before;
  },
  async idle(demo, victim) {
    demo.clock.advance('2h');
    return signedIn(victim);
  },
  async absolute(demo, victim) {
    for (let i = 0; i < 40; i++) {
      demo.clock.advance('20m');
      await victim.get('/');
    }
    return signedIn(victim);
  },
  async randomness(demo) {
    const [one, two] = [demo.client(), demo.client()];
    await one.signIn('Grace');
    await two.signIn('Grace');
    const number = (client: Client): bigint => {
      const [id = ''] = client.cookie?.split('.') ?? [];
      return Buffer.from(id, 'base64url').readBigUInt64BE(8);
    };
    return number(two) - number(one) < 20n && number(two) > number(one);
  },
  async csrf(_, victim) {
    const before = await signedIn(victim);
    await victim.post('/sign-out', { headers: ELSEWHERE });
    return before && !(await signedIn(victim));
  },
  samesite: async (demo) => (await setCookieOf(demo)).includes('SameSite=None'),
  httponly: async (demo) => !(await setCookieOf(demo)).includes('HttpOnly'),
  async secure(demo) {
    const setCookie = await setCookieOf(demo);
    const [pair = ''] = setCookie.split('; ');
    const { body } = await demo.client().get('/lab/state', { headers: { cookie: pair } });
    expect(JSON.parse(body)).toMatchObject({ signedIn: true });
    return pair.startsWith('session=') && !setCookie.includes('Secure');
  },
  'no-store': async (_, victim) => (await victim.get('/')).headers['cache-control'] === undefined,
  async 'step-up'(demo, victim) {
    demo.clock.advance('20m');
    await victim.post('/account/email', { form: { email: 'eve@example.com' } });
    return demo.users.byName('Grace')?.email === 'eve@example.com';
  },
  async 'password-change'(demo, victim) {
    const thief = demo.client();
    await thief.signIn('Grace');
    await victim.post('/account/password', { form: { current: PASSWORD, next: 'quite another password' } });
    expect((await demo.client().signIn('Grace')).status).toBe(401);
    return signedIn(thief);
  },
};

const NAMES = Object.keys(FLAWS) as FlawName[];

describe.each(STORES)('a defence that is switched off, on %s', (kind) => {
  let demo: Demo;
  afterEach(() => demo.close());

  async function isBrokenBy(name: FlawName, without: readonly FlawName[]): Promise<boolean> {
    demo = await startDemo({ kind, without });
    const victim = demo.client();
    await victim.signUp('Grace');
    expect(await signedIn(victim.copy())).toBe(true);
    return ATTACKS[name](demo, victim);
  }

  it.each(NAMES)('%s: the attack works', async (name) => {
    expect(await isBrokenBy(name, [name])).toBe(true);
  });

  it.each(NAMES)('%s: and fails where it is on', async (name) => {
    expect(await isBrokenBy(name, [])).toBe(false);
  });
});

describe('switches', () => {
  it('are several at once, and each does what it says', async () => {
    const demo = await startDemo({ without: ['logout', 'httponly', 'absolute', 'idle'] });
    const victim = demo.client();
    await victim.signUp('Grace');
    expect(await ATTACKS.httponly(demo, victim)).toBe(true);
    expect(await ATTACKS.logout(demo, victim)).toBe(true);
    await demo.close();
  });

  it('are told on every page, in red, and nowhere where there are none', async () => {
    const demo = await startDemo({ without: ['logout', 'no-store'] });
    const client = demo.client();
    for (const path of ['/', '/sign-in', '/sign-up', '/nowhere']) {
      const { body } = await client.get(path);
      expect([path, body.includes('class="flaws"')]).toEqual([path, true]);
      for (const name of ['logout', 'no-store'] as const) expect(body).toContain(`${name}: `);
    }
    await client.signUp('Grace');
    for (const path of ['/', '/sessions', '/account', '/confirm']) {
      expect((await client.get(path)).body).toContain('class="flaws"');
    }
    await demo.close();
    const healthy = await startDemo();
    expect((await healthy.client().get('/')).body).not.toContain('class="flaws"');
    await healthy.close();
  });

  it.each([
    [[], []],
    [['--without', 'logout'], ['logout']],
    [['--without=logout,csrf'], ['logout', 'csrf']],
    [
      ['--without', 'logout', '--without', 'csrf,logout'],
      ['logout', 'csrf'],
    ],
  ])('%j', (args, names) => {
    expect(readSwitches(args, {})).toEqual(names);
  });

  it.each([
    [['--without'], {}, '--without: "" is no defence; write one of '],
    [['--without', 'everything'], {}, '--without: "everything" is no defence'],
    [['--without=constructor'], {}, '--without: "constructor" is no defence'],
    [['--port=1'], {}, '--port=1: unknown argument'],
    [['--without', 'logout'], { NODE_ENV: 'production' }, '--without: refused, since NODE_ENV is production'],
  ])('%j in %o is refused in one line', (args, env, message) => {
    expect(() => readSwitches(args, env)).toThrow(StartError);
    expect(() => readSwitches(args, env)).toThrow(message);
    expect(() => readSwitches(args, env)).not.toThrow(/\n/);
  });
});
