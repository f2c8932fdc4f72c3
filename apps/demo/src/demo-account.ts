/** The account that is there from the start, so that a newcomer can sign in at once. */
import type { Users } from './users.ts';

export const DEMO_USERNAME = 'ada';
export const DEMO_PASSWORD = 'correct horse battery staple';
export const DEMO_EMAIL = 'ada@example.com';

/**
 * Makes the demo account where it is missing; one that is there is left as it is.
 *
 * @returns whether the demo password opens it
 */
export async function seedDemoAccount(users: Users): Promise<boolean> {
  const { user } = await users.create(DEMO_USERNAME, DEMO_PASSWORD);
  if (user) users.changeEmail(user, DEMO_EMAIL);
  return user !== undefined || users.verify(users.byName(DEMO_USERNAME), DEMO_PASSWORD);
}
