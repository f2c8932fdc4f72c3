import { type Exhibit, listen } from '../exhibit.ts';
import { accountSite, type Parts } from './site.ts';

const ADMIN = `
stepUp: [{ open: /admin, submit: { password: "\${password}" } }]
steppedUp: { page: /admin, shows: "<h1>Administration" }
`;

const ASKED_AGAIN = 'reauthenticate: [{ open: /admin, submit: { password: "${password}" } }]';

function exhibit(
  name: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  more: Partial<Exhibit> = { hasSecondAccount: true },
): Exhibit {
  return { name, stack: 'node:http', truth, found, start: () => listen(accountSite(parts)), ...more };
}

export const accountExhibits: readonly Exhibit[] = [
  exhibit('two accounts, sound', 'A sign-in ends the session that the browser brings along.', []),
  exhibit(
    'two accounts, one at a time',
    'Who is signed in can not sign in as somebody else before they sign out.',
    [],
    { switches: false },
  ),
  exhibit('two accounts, two cookies', 'The session needs a second cookie, and takes none but its own.', [], {
    beside: 'device',
  }),
  exhibit(
    'two accounts, a greeting in a cookie',
    'The page greets whatever name a cookie says, and shows the letters of whose session it is.',
    [],
    { beside: 'greeting' },
  ),
  exhibit(
    'two accounts, session taken along',
    'Who signs in over the session of another account goes on with its identifier.',
    ['account-switch'],
    { atSignIn: 'goes on as another' },
  ),
  exhibit(
    'two accounts, session left behind',
    'The session of the other account lives on, and no browser has it any more.',
    ['account-switch'],
    { atSignIn: "stays another's" },
  ),
  exhibit(
    'two accounts, name in a cookie',
    'The session proves that somebody is signed in, and another cookie says who.',
    ['mixed-accounts'],
    { beside: 'name' },
  ),
  exhibit(
    'two accounts, name in a cookie that may be missing',
    'The same, and without that cookie the session knows who it is of: it proves nothing, and decides.',
    ['mixed-accounts'],
    { beside: 'name if there is one' },
  ),
  exhibit(
    'two accounts, any name in a cookie',
    'The session proves that somebody is signed in, and the page greets whatever name a cookie says, and shows its letters.',
    ['mixed-accounts'],
    { beside: 'any name' },
  ),
  exhibit(
    'two accounts, any second cookie',
    'The session needs a second cookie, and takes that of anybody.',
    ['mixed-accounts'],
    { beside: 'any device' },
  ),
  exhibit(
    'step-up, sound',
    'The password once more gives a new identifier, with the right.',
    [],
    {},
    { recipe: ADMIN },
  ),
  exhibit(
    'step-up, a cookie of its own',
    'The identifier stays, and has no new right: that is in a second cookie.',
    [],
    { atStepUp: 'a cookie of its own' },
    { recipe: ADMIN },
  ),
  exhibit(
    'step-up, the same session',
    'The right goes to the session, whose identifier stays.',
    ['step-up-renewal'],
    { atStepUp: 'the same session' },
    { recipe: ADMIN },
  ),
  exhibit(
    'asked again, sound',
    'The password once more gives a new identifier, and ends the one before.',
    [],
    {},
    { recipe: ASKED_AGAIN },
  ),
  exhibit(
    'asked again, the same session',
    'A new sign-in gives a new identifier; where the password is asked for once more it stays.',
    ['token-renewal'],
    { atStepUp: 'the same session' },
    { recipe: ASKED_AGAIN },
  ),
];
