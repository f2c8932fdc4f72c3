/** What somebody tells about a site: how to sign in, how to tell that one is, how to sign out. */

/** Opens a page, and sends a form of it where `submit` says what to fill in. */
export interface OpenStep {
  readonly open: string;
  /** Names of fields and their values. The form is the one that has all of them. */
  readonly submit?: Readonly<Record<string, string>>;
  readonly save?: Readonly<Record<string, Source>>;
}

/** Sends a request as it is written. */
export interface RequestStep {
  /** As in `POST /api/login`. */
  readonly request: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly save?: Readonly<Record<string, Source>>;
}

/** Opens a page in Chromium, and does there what a person would: for pages that need script. */
export interface BrowserStep {
  readonly browser: string;
  /** One after the other. */
  readonly do: readonly Act[];
  readonly save?: Readonly<Record<string, Source>>;
}

/** Fills in fields, and then presses something; Enter in the last of them where nothing is named. */
export interface Act {
  /** Fields by their names, their ids, or what stands at them, and their values. */
  readonly fill?: Readonly<Record<string, string>>;
  /** The words on a button or link. */
  readonly press?: string;
}

export type Step = OpenStep | RequestStep | BrowserStep;

/** Where a value is taken from in the answer, for later steps: `${name}`. */
export type Source =
  | { readonly json: string }
  | { readonly field: string }
  /** The content of `<meta name=…>`. */
  | { readonly meta: string }
  /** One that the answer sets, or that was set before. */
  | { readonly cookie: string }
  | { readonly header: string };

/** A page, and what is on it where something holds. */
export interface ShownOn {
  readonly page: string;
  readonly status?: number;
  readonly shows?: string;
  readonly hides?: string;
}

export interface Recipe {
  /** Further hosts that the audit may speak to. */
  readonly hosts?: readonly string[];
  /** Default: the form is looked for. */
  readonly signIn?: readonly Step[];
  /** Where the answer to the sign-in has a token for the Authorization header: a path like `data.token`. */
  readonly token?: string;
  readonly signedIn?: ShownOn;
  /** After how many seconds the site ends a session, by its own rules. Default: what the profile asks for. */
  readonly timeouts?: {
    /** One that nobody uses. */
    readonly idle?: number;
    /** Any, however much it is used. */
    readonly absolute?: number;
  };
  /** Default: the button or link is looked for. */
  readonly signOut?: readonly Step[];
  /** What gives a visitor a session before they sign in, as filling a basket does. */
  readonly beforeSignIn?: readonly Step[];
  /** Proves once more who one is, while signed in. */
  readonly reauthenticate?: readonly Step[];
  /** Gains a right that the session does not have after the sign-in, as an administration asks for one more password. */
  readonly stepUp?: readonly Step[];
  /** What one sees of that right, and not before. */
  readonly steppedUp?: ShownOn;
  /** With `${password}` and `${newPassword}`. */
  readonly changePassword?: readonly Step[];
  /** A request that changes something of the signed-in user which does no harm. `${mark}` is different in each. */
  readonly changeState?: readonly Step[];
  /** A page on which one sees what that changed. Default: the one that tells that one is signed in. */
  readonly changeShows?: string;
  /** Ends the user's other sessions. */
  readonly endOtherSessions?: readonly Step[];
  /** Another account, for what takes two. The command reads its password from the environment; `audit` takes `secondAccount`. */
  readonly secondAccount?: { readonly user: string; readonly passwordEnv: string };
}

/** The parts that are lists of steps. */
export type StepList =
  | 'signIn'
  | 'signOut'
  | 'beforeSignIn'
  | 'reauthenticate'
  | 'stepUp'
  | 'changePassword'
  | 'changeState'
  | 'endOtherSessions';

export const STEP_LISTS: readonly StepList[] = [
  'signIn',
  'signOut',
  'beforeSignIn',
  'reauthenticate',
  'stepUp',
  'changePassword',
  'changeState',
  'endOtherSessions',
];
