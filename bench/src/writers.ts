/** A hundred requests of one session at once, each writing: what is left afterwards. */
import { request, SignIn, visitor } from './browsers.ts';
import type { Answer, Browser, Jar } from './load.ts';
import type { Urls } from './places.ts';
import { ServerProcess } from './server-process.ts';
import type { Variant } from './variants.ts';

export const WRITERS = 100;

export interface Survivors {
  readonly variant: Variant;
  /** Of keys that were each written by one request. */
  readonly keys: number;
  /** What a counter came to that each request raised by one. */
  readonly count: number;
}

class Once implements Browser {
  readonly #text: string;
  readonly #jar: Jar;
  readonly heard: (answer: Answer) => void;
  constructor(text: string, jar: Jar, heard: (answer: Answer) => void) {
    this.#text = text;
    this.#jar = jar;
    this.heard = heard;
  }
  next(): string {
    return this.#text;
  }
  check(answer: Answer): string | undefined {
    // As browsers do: what comes last stays.
    this.#jar.take(answer);
    this.heard(answer);
    return answer.status === 200 ? undefined : 'expected 200';
  }
}

export async function letThemWrite(
  variant: Variant,
  places: Urls,
  cpu: number | undefined,
): Promise<Survivors> {
  const server = await ServerProcess.start(variant, places, { cpu });
  try {
    const { jar } = await signedIn(server);
    const ignored = (): void => undefined;
    const atOnce = async (path: (i: number) => string): Promise<void> => {
      const text = (i: number): string => request('POST', path(i), jar);
      const browsers = Array.from({ length: WRITERS }, (_, i) => new Once(text(i), jar, ignored));
      const { wrong, firstWrong } = await server.connections.run(browsers, { requests: WRITERS });
      if (wrong > 0) throw new Error(firstWrong);
    };
    await atOnce((i) => `/put/k${i}`);
    await atOnce(() => '/count');
    let kept = '';
    const look = new Once(request('GET', '/kept', jar), jar, ({ body }) => (kept = body));
    await server.connections.run([look], { requests: 1 });
    const [keys = Number.NaN, count = Number.NaN] = kept.split(' ').map(Number);
    return { variant, keys, count };
  } finally {
    await server.stop();
  }
}

async function signedIn(server: ServerProcess) {
  const who = visitor('user-0');
  const { firstWrong } = await server.connections.run([new SignIn(who)], { requests: 1 });
  if (firstWrong !== undefined) throw new Error(firstWrong);
  return who;
}
