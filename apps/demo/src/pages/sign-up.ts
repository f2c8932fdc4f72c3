import { LONGEST_PASSWORD, LONGEST_USERNAME, SHORTEST_PASSWORD, type SignUpProblem } from '../users.ts';
import { credentialsForm } from './credentials-form.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

const USERNAME_RULE = `2 to ${LONGEST_USERNAME} letters and digits, and after the first also . _ - @ +`;
const PASSWORD_RULE = `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters of any kind. Four random words are a good one.`;

const MESSAGES: Readonly<Record<SignUpProblem, string>> = {
  username: `A username is ${USERNAME_RULE}.`,
  password_short: `The password is too short: write at least ${SHORTEST_PASSWORD} characters.`,
  password_long: `The password is too long: write at most ${LONGEST_PASSWORD} characters.`,
  taken: 'That username is taken. Choose another, or sign in if it is yours.',
};

export interface SignUp {
  readonly username?: string;
  readonly problem?: SignUpProblem;
}

export function signUpPage({ username = '', problem }: SignUp): string {
  return page({
    title: problem ? 'Error: Create an account' : 'Create an account',
    isNarrow: true,
    main: html`<h1>Create an account</h1>
      ${credentialsForm({
        action: '/sign-up',
        button: 'Create account',
        username,
        error: problem && {
          text: MESSAGES[problem],
          fields: [problem === 'username' || problem === 'taken' ? 'username' : 'password'],
        },
        password: 'new-password',
        hints: { username: USERNAME_RULE, password: PASSWORD_RULE },
      })}
      <p class="aside">You have one? <a href="/sign-in">Sign in</a>.</p>`,
  });
}
