/**
 * A limit on wrong passwords, for each account from one address and for each address whatever the account.
 *
 * Nobody is locked out by what comes from elsewhere: that is why there is none for an account alone, and why who guesses from
 * many addresses at once is slowed down by each of them only. Kept in memory: a new process starts from nothing.
 */
import type { Clock } from 'holdfast';
import { foldUsername } from './users.ts';

export interface PasswordAttempts {
  /**
   * Makes a check of a password, and counts it if the password was wrong.
   *
   * Race: checks that run at the same time are counted before they are made, so that no more of them run than are left.
   *
   * @param username as it was typed: whether somebody has it makes no difference
   * @throws TooManyPasswords instead of making the check
   */
  attempt<Outcome>(
    who: { readonly username: string; readonly address: string },
    check: () => Promise<Outcome>,
    isWrong: (outcome: Outcome) => boolean,
  ): Promise<Outcome>;
}

export class TooManyPasswords extends Error {
  override readonly name = 'TooManyPasswords';
  /** Seconds until the next one is looked at. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(`no password is looked at for ${retryAfter} s`);
    this.retryAfter = retryAfter;
  }
}

export const MOST_PER_ACCOUNT = 10;
export const MOST_PER_ADDRESS = 100;
const WINDOW = 15 * 60_000;

/** A bound, because names are made up for nothing: the oldest are forgotten first. */
const MOST_TALLIES = 10_000;
/** No account has a longer one. */
const LONGEST_NAME = 200;

interface Tally {
  count: number;
  readonly until: number;
}

export function passwordAttempts(clock: Clock): PasswordAttempts {
  const tallies = new Map<string, Tally>();

  function tallyOf(key: string, now: number): Tally {
    const known = tallies.get(key);
    if (known && now < known.until) return known;
    const tally = { count: 0, until: now + WINDOW };
    tallies.delete(key);
    tallies.set(key, tally);
    for (const oldest of tallies.keys()) {
      if (tallies.size <= MOST_TALLIES) break;
      tallies.delete(oldest);
    }
    return tally;
  }

  return {
    async attempt({ username, address }, check, isWrong) {
      const now = clock.now();
      const ofAddress = tallyOf(address, now);
      const ofAccount = tallyOf(`${address} ${foldUsername(username).slice(0, LONGEST_NAME)}`, now);
      const full = [
        ...(ofAddress.count >= MOST_PER_ADDRESS ? [ofAddress.until] : []),
        ...(ofAccount.count >= MOST_PER_ACCOUNT ? [ofAccount.until] : []),
      ];
      if (full.length > 0) throw new TooManyPasswords(Math.ceil((Math.max(...full) - now) / 1_000));
      ofAddress.count += 1;
      ofAccount.count += 1;
      let counts = false;
      try {
        const outcome = await check();
        counts = isWrong(outcome);
        return outcome;
      } finally {
        if (!counts) {
          ofAddress.count -= 1;
          ofAccount.count -= 1;
        }
      }
    },
  };
}
