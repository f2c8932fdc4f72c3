/**
 * Passport 0.6 and later on Express: what it expects of `req.session`, made of a session of Holdfast.
 *
 * Passport calls `regenerate` and `save` around a login or logout, and does not say which of the two it is. What it leaves
 * in `req.session.passport.user` tells: a user that was not there is a sign-in, one that has gone is a sign-out.
 */
import type { Request, RequestHandler } from 'express';
import type { Session, SignInDetails } from '../session.ts';
import type { HttpProblem } from './http.ts';
import { problemOf } from './node-exchange.ts';
import { holdResponse } from './response-hold.ts';

export interface PassportOptions {
  /** What else you know of a sign-in, such as its methods and level. Default: that it was a password. */
  readonly details?: (req: Request) => Omit<SignInDetails, 'userId' | 'keep' | 'drop'>;
  /** Whether `serializeUser` gives numbers, so that `deserializeUser` gets numbers back. Default false: strings. */
  readonly numericIds?: boolean;
}

/** What Passport and its strategies see. Other keys are session data, stored where they have changed. */
export interface PassportSession {
  passport?: { user?: unknown };
  [key: string]: unknown;
  regenerate(after: After): void;
  save(after: After): void;
  destroy(after: After): void;
}

type After = (error?: unknown) => void;
type AnyData = Readonly<Record<string, unknown>>;

/**
 * Middleware that goes between `middleware` and `passport.session()`.
 *
 * `serializeUser` gives the user's id, a string or a number, which becomes `session.userId`. A login is `session.signIn`: a new
 * secret, the old one dead, and the data dropped unless `keepSessionInfo` is set; it is never carried over from another user. A
 * logout is `session.signOut`: the session ends on the server. A user whom `deserializeUser` no longer finds is signed out.
 *
 * @param sessionOf of `expressSessions`
 */
export function passportSession<Data extends object>(
  sessionOf: (req: Request) => Session<Data>,
  options: PassportOptions = {},
): RequestHandler {
  const { details, numericIds = false } = options;
  return (req, res, next) => {
    const session = sessionOf(req) as unknown as Session<AnyData>;
    const bridge = new Bridge(session, numericIds, () => details?.(req) ?? {});
    Object.defineProperty(req, 'session', {
      configurable: true,
      enumerable: true,
      get: () => bridge.current,
    });
    // Nothing tells of changes to a plain object: they are looked for when the answer is about to leave.
    holdResponse(res, { commit: () => (res.statusCode < 500 ? finish(bridge) : undefined) });
    next();
  };
}

/** At once where there is nothing to store. What can not be stored is answered with 500. */
function finish(bridge: Bridge): Promise<HttpProblem | undefined> | HttpProblem | undefined {
  try {
    return bridge.hasChanged() ? bridge.store().then(() => undefined, problemOf) : undefined;
  } catch (error) {
    return problemOf(error);
  }
}

async function tell(work: Promise<void>, after: After): Promise<void> {
  try {
    await work;
  } catch (error) {
    after(error);
    return;
  }
  after();
}

/** Names of the object itself, which are no session data here. */
const RESERVED: ReadonlySet<string> = new Set(['passport', 'regenerate', 'save', 'destroy', '__proto__']);

/** One request's object for Passport, and what it was when it was made. */
class Bridge {
  readonly #session: Session<AnyData>;
  readonly #numericIds: boolean;
  readonly #details: () => Partial<SignInDetails>;
  #object: PassportSession | undefined;
  /** The JSON of each key, as it is stored. */
  #stored = new Map<string, string>();
  #userId: string | undefined;
  #isRegenerated = false;

  constructor(session: Session<AnyData>, numericIds: boolean, details: () => Partial<SignInDetails>) {
    this.#session = session;
    this.#numericIds = numericIds;
    this.#details = details;
  }

  /** Made when somebody looks: to look at a session makes the answer personal. */
  get current(): PassportSession {
    this.#object ??= this.#load();
    return this.#object;
  }

  hasChanged(): boolean {
    if (this.#object === undefined) return false;
    if (this.#isRegenerated || this.#userIn(this.#object) !== this.#userId) return true;
    const { set, remove } = this.#changes(this.#object);
    return set.length > 0 || remove.length > 0;
  }

  async store(): Promise<void> {
    const object = this.current;
    const session = this.#session;
    const user = this.#userIn(object);
    const { set, remove, same } = this.#changes(object);
    if (user !== undefined && (user !== this.#userId || this.#isRegenerated)) {
      await session.signIn({ ...this.#details(), userId: user, keep: same });
    } else if (user !== this.#userId) {
      await session.signOut();
    } else {
      for (const key of remove) session.delete(key);
      if (this.#isRegenerated) await session.elevate();
    }
    // Behind a sign-in or sign-out, so that only what is new gets into a session that has just begun.
    for (const key of set) session.set(key, object[key]);
    this.#userId = user;
    this.#isRegenerated = false;
    this.#stored = textsOf(object);
  }

  async save(): Promise<void> {
    if (!this.hasChanged()) return;
    await this.store();
    await this.#session.commit();
  }

  /** An empty object from here on. The old one stays as it is: Passport copies from it what is to be kept. */
  regenerate(): void {
    this.#object ??= this.#load();
    this.#stored = textsOf(this.#session.all());
    this.#object = this.#empty();
    this.#isRegenerated = true;
  }

  async destroy(): Promise<void> {
    await this.#session.signOut();
    this.#object = undefined;
    this.#isRegenerated = false;
  }

  #load(): PassportSession {
    const session = this.#session;
    this.#userId = session.userId;
    this.#stored = textsOf(session.all());
    const object = this.#empty();
    for (const [key, text] of this.#stored) object[key] = JSON.parse(text);
    if (this.#userId !== undefined) {
      object.passport = { user: this.#numericIds ? Number(this.#userId) : this.#userId };
    }
    return object;
  }

  /** Its methods are not enumerable, so that nobody takes them for data. */
  #empty(): PassportSession {
    const methods = {
      regenerate: (after: After) => {
        this.regenerate();
        after();
      },
      save: (after: After) => void tell(this.save(), after),
      destroy: (after: After) => void tell(this.destroy(), after),
    };
    const properties = Object.entries(methods).map(([name, value]) => [name, { value }] as const);
    return Object.defineProperties({}, Object.fromEntries(properties)) as PassportSession;
  }

  #changes(object: PassportSession): { set: string[]; remove: string[]; same: string[] } {
    const texts = textsOf(object);
    const keys = [...texts.keys()];
    return {
      set: keys.filter((key) => texts.get(key) !== this.#stored.get(key)),
      same: keys.filter((key) => texts.get(key) === this.#stored.get(key)),
      remove: [...this.#stored.keys()].filter((key) => !texts.has(key)),
    };
  }

  /** @throws TypeError for what is no id */
  #userIn(object: PassportSession): string | undefined {
    const user = object.passport?.user;
    if (user === undefined || user === null || user === false || user === '') return undefined;
    const isNumber = Number.isSafeInteger(user);
    if (isNumber !== this.#numericIds && (isNumber || typeof user === 'string')) {
      throw new TypeError(
        `passportSession: serializeUser gave a ${typeof user}; write numericIds: ${isNumber}, so that deserializeUser gets the same`,
      );
    }
    if (!isNumber && typeof user !== 'string') {
      throw new TypeError(
        'passportSession: serializeUser must give the id of the user, a string or a whole number; deserializeUser finds the rest by it',
      );
    }
    return String(user);
  }
}

/** The JSON of each key; what has none is absent, as in every session. */
function textsOf(data: object): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const text = RESERVED.has(key) ? undefined : JSON.stringify(value);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}
