/** Accounts of the demo: which names and passwords are allowed, and how a password is kept and checked. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { AccountTable } from './account-table.ts';

export interface User {
  readonly id: string;
  /** As its owner wrote it when signing up. */
  readonly username: string;
}

/** What is wrong with a sign-up, in the order it is looked at. */
export type SignUpProblem = 'username' | 'password_short' | 'password_long' | 'taken';

export type SignUpOutcome =
  | { readonly user: User; readonly problem?: never }
  | { readonly problem: SignUpProblem; readonly user?: never };

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
}

export const SHORTEST_PASSWORD = 8;
/** Long enough for any passphrase; a bound, because hashing costs by the byte. */
export const LONGEST_PASSWORD = 128;
export const LONGEST_USERNAME = 64;

/** Letters and digits of any script first, then also what e-mail addresses are made of. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]*$/u;

/** OWASP Password Storage Cheat Sheet: Argon2id (the default here) with 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function createUsers(accounts: AccountTable): Promise<Users> {
  const nobodysHash = await hash(randomBytes(16), ARGON2);
  return {
    async create(given, givenPassword) {
      const username = normalizeUsername(given);
      const password = normalizePassword(givenPassword);
      if (!isUsername(username)) return { problem: 'username' };
      const length = [...password].length;
      if (length < SHORTEST_PASSWORD) return { problem: 'password_short' };
      if (length > LONGEST_PASSWORD) return { problem: 'password_long' };
      const folded = fold(username);
      if (accounts.byName(folded)) return { problem: 'taken' };
      const passwordHash = await hash(password, ARGON2);
      const user = { id: randomUUID(), username };
      // Somebody else may have taken the name while the password was hashed: the table decides.
      return accounts.insert({ ...user, folded, passwordHash }) ? { user } : { problem: 'taken' };
    },
    byName: (username) => userOf(accounts.byName(fold(normalizeUsername(username)))),
    byId: (id) => userOf(accounts.byId(id)),
    async verify(user, password) {
      const account = user && accounts.byId(user.id);
      const normalized = normalizePassword(password);
      // What no account can have is not worth the work of hashing it; its length is no secret to who typed it.
      if ([...normalized].length > LONGEST_PASSWORD) return false;
      const isRight = await verify(account?.passwordHash ?? nobodysHash, normalized, ARGON2);
      return isRight && account !== undefined;
    },
  };
}

function isUsername(username: string): boolean {
  return username.length >= 2 && username.length <= LONGEST_USERNAME && USERNAME.test(username);
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

function userOf(account: User | undefined): User | undefined {
  return account && { id: account.id, username: account.username };
}
