/** Accounts of the demo: which names and passwords are allowed, and how a password is kept and checked. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Account, AccountTable } from './account-table.ts';

export interface User {
  readonly id: string;
  /** As its owner wrote it when signing up. */
  readonly username: string;
  readonly email: string | undefined;
}

/** What is wrong with a sign-up, in the order it is looked at. */
export type SignUpProblem = 'username' | 'password_short' | 'password_long' | 'taken';

export type SignUpOutcome =
  | { readonly user: User; readonly problem?: never }
  | { readonly problem: SignUpProblem; readonly user?: never };

export type PasswordProblem = 'current' | 'same' | Extract<SignUpProblem, `password_${string}`>;

export interface Users {
  /** Race: of two sign-ups with one name, one gets the account and the other is told that it is taken. */
  create(username: string, password: string): Promise<SignUpOutcome>;
  byName(username: string): User | undefined;
  byId(id: string): User | undefined;
  /**
   * Whether the password is this user's. Takes as long and says the same for nobody (`undefined`) as for a wrong
   * password, so that a sign-in form does not tell who has an account.
   *
   * The hash is read here and not with `byName`, so that it is not older than a `userEpoch` that was read in between.
   */
  verify(user: User | undefined, password: string): Promise<boolean>;
  /** Returns false for what is no address, and changes nothing then. */
  changeEmail(user: User, email: string): boolean;
  /**
   * Returns what is wrong, and changes nothing then. Ending the user's sessions is up to the caller.
   *
   * Race: of two changes from one password, one is made, and for the other the password is a wrong one.
   */
  changePassword(user: User, current: string, next: string): Promise<PasswordProblem | undefined>;
}

export const SHORTEST_PASSWORD = 8;
/** Long enough for any passphrase; a bound, because hashing costs by the byte. */
export const LONGEST_PASSWORD = 128;
export const LONGEST_USERNAME = 64;

/** Letters and digits of any script first, then also what e-mail addresses are made of. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]*$/u;

/** RFC 5321 §4.5.3.1.3, without the brackets of a path. */
export const LONGEST_EMAIL = 254;

/** Something, one @, and a domain with a point in it: whether it is somebody's is for a message to find out. */
const EMAIL =
  /^[^\s@<>"(),:;[\]\\\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u;

/** OWASP Password Storage Cheat Sheet: Argon2id (the default here) with 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function createUsers(accounts: AccountTable): Promise<Users> {
  const nobodysHash = await hash(randomBytes(16), ARGON2);
  return {
    async create(given, givenPassword) {
      const username = normalizeUsername(given);
      const password = normalizePassword(givenPassword);
      if (!isUsername(username)) return { problem: 'username' };
      const problem = lengthProblem(password);
      if (problem) return { problem };
      const folded = fold(username);
      if (accounts.byName(folded)) return { problem: 'taken' };
      const passwordHash = await hash(password, ARGON2);
      const account = { id: randomUUID(), username, folded, passwordHash, email: null };
      // Somebody else may have taken the name while the password was hashed: the table decides.
      return accounts.insert(account) ? { user: userOf(account) } : { problem: 'taken' };
    },
    byName(username) {
      const account = accounts.byName(foldUsername(username));
      return account && userOf(account);
    },
    byId(id) {
      const account = accounts.byId(id);
      return account && userOf(account);
    },
    async verify(user, password) {
      const account = user && accounts.byId(user.id);
      const normalized = normalizePassword(password);
      // What no account can have is not worth the work of hashing it; its length is no secret to who typed it.
      if ([...normalized].length > LONGEST_PASSWORD) return false;
      const isRight = await verify(account?.passwordHash ?? nobodysHash, normalized, ARGON2);
      return isRight && account !== undefined;
    },
    changeEmail(user, given) {
      const email = given.trim().normalize('NFC');
      return isEmail(email) && accounts.setEmail(user.id, email);
    },
    async changePassword(user, givenCurrent, givenNext) {
      const [current, next] = [normalizePassword(givenCurrent), normalizePassword(givenNext)];
      const account = accounts.byId(user.id);
      const canBeRight = [...current].length <= LONGEST_PASSWORD;
      if (!account || !canBeRight || !(await verify(account.passwordHash, current, ARGON2))) return 'current';
      const problem = lengthProblem(next);
      if (problem) return problem;
      if (next === current) return 'same';
      const passwordHash = await hash(next, ARGON2);
      return accounts.replacePasswordHash(user.id, account.passwordHash, passwordHash)
        ? undefined
        : 'current';
    },
  };
}

function lengthProblem(password: string): Extract<SignUpProblem, PasswordProblem> | undefined {
  const { length } = [...password];
  if (length < SHORTEST_PASSWORD) return 'password_short';
  return length > LONGEST_PASSWORD ? 'password_long' : undefined;
}

function isEmail(email: string): boolean {
  return email.length <= LONGEST_EMAIL && EMAIL.test(email);
}

function isUsername(username: string): boolean {
  return username.length >= 2 && username.length <= LONGEST_USERNAME && USERNAME.test(username);
}

/** What two spellings of one name have in common. */
export function foldUsername(username: string): string {
  return fold(normalizeUsername(username));
}

/** One spelling of what looks the same, without the blanks that phones add. */
function normalizeUsername(username: string): string {
  return username.trim().normalize('NFKC');
}

function fold(username: string): string {
  return username.toLowerCase().normalize('NFKC');
}

/** The same password typed on another keyboard is the same password (NIST SP 800-63B-4 §3.1.1.2). */
function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

function userOf({ id, username, email }: Account): User {
  return { id, username, email: email ?? undefined };
}
