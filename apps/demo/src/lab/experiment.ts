/** The shape of an experiment: what it shows, who takes part, and the script that is run against both targets. */
import type { Content } from '../pages/html.ts';
import type { Actor } from './actor.ts';
import type { Tone } from './recorder.ts';
import type { TargetName, TargetOptions } from './target.ts';

export interface Experiment {
  /** Its address: `/lab/<id>`. */
  readonly id: string;
  readonly title: string;
  /** One sentence for the index. */
  readonly summary: string;
  /** What happens, for somebody who has never heard of it. */
  readonly story: string;
  /** How the naive sessions do it, so that the comparison is a fair one. */
  readonly naive: string;
  readonly requirements: readonly Requirement[];
  /** The lifelines of the diagram from left to right; one of them is `server`. */
  readonly cast: readonly Role[];
  readonly verdicts: { readonly held: string; readonly fell: string };
  /** What the visitor's own browser can show on top of the run. */
  readonly inBrowser?: Content;
  readonly naiveSignOut?: TargetOptions['naiveSignOut'];
  run(scene: Scene): Promise<void>;
}

export interface Requirement {
  /** As the standard numbers it: `ASVS 7.4.1`. */
  readonly id: string;
  /** What it asks, in a line of ours. */
  readonly asks: string;
  /** Where it is written. */
  readonly href?: string;
}

export interface Role {
  readonly id: string;
  readonly label: string;
}

/** What a script is given to work with, new for each run and each target. */
export interface Scene {
  readonly target: TargetName;
  /** Who has an account: gone with the run. */
  readonly ada: { readonly user: string; readonly password: string };
  readonly mallory: { readonly user: string; readonly password: string };
  /** The port of another origin, which belongs to the attacker, and what scripts have sent there. */
  readonly elsewhere: { readonly port: number; readonly loot: readonly string[] };
  /** A browser with a jar of its own. */
  browser(name: string): Actor;
  /** A program that says only what it is told to say. */
  program(name: string): Actor;
  note(text: string, at?: string, tone?: Tone): void;
  /** Lets so many minutes go by. */
  later(minutes: number): void;
  /** The session cookie's name at this target. */
  readonly cookieName: string;
  /** Opens the page of the other origin by one of its names, and returns the form that it holds. */
  visit(visitor: Actor, origin: string, how: string): Promise<Record<string, string>>;
  /** What a script in somebody's page sends to the attacker's server. */
  sendHome(from: Actor, to: Actor, cookie: string): Promise<void>;
  /** Copies the session cookie out of a jar. */
  copyCookie(from: Actor, to: Actor, how?: string): void;
  /** Puts a token into a jar, under a name to be shown. */
  plant(token: string, name: string, into: Actor, how: string): void;
  /** Gives a token a name of its own, before it is first shown. */
  call(token: string, name: string): void;
  /**
   * Sends a request that stays in the server's hands, runs `meanwhile`, and lets it finish.
   */
  during(slow: (onSent: () => void) => Promise<unknown>, meanwhile: () => Promise<void>): Promise<void>;
}
