/** The steps that do again what somebody did in a page: for what no request can be written down. */
import { pathFrom } from './address.ts';
import type { Pressed, Typed } from './moments.ts';
import type { Act, BrowserStep } from '../recipe/recipe.ts';
import { withoutSecrets } from './secrets.ts';
import type { Story } from './story.ts';

/** @returns undefined where it was not seen where the password was typed */
export function signInByHand(story: Story, target: URL): BrowserStep | undefined {
  const { moments, account, enteredAt, secrets } = story;
  const before = moments.slice(0, enteredAt);
  const secretAt = before.findLastIndex((it) => it.kind === 'typed' && it.value === account.password);
  const secret = before[secretAt];
  if (secret?.kind !== 'typed') return undefined;
  const nameAt = before.findLastIndex(
    (it, index) => index < secretAt && it.kind === 'typed' && it.value === account.user,
  );
  const name = before[nameAt];
  const firstAt = name === undefined ? secretAt : nameAt;
  // Enter presses the button of the form too.
  const between = pressesIn(before.slice(firstAt, secretAt)).at(-1);
  const last = pressesIn(before.slice(secretAt))[0];
  const known: Record<string, string> =
    name?.kind === 'typed' && name.field !== secret.field ? { [name.field]: '${user}' } : {};
  const passes = { [secret.field]: '${password}' };
  const acts: Act[] =
    between === undefined ? [act({ ...known, ...passes }, last)] : [act(known, between), act(passes, last)];
  return {
    browser: pathFrom(target, withoutSecrets((before[firstAt] as Typed).page, secrets)),
    do: [...openers(before.slice(0, firstAt)), ...acts],
  };
}

/** @returns undefined where nothing was pressed for it */
export function signOutByHand(
  { moments, enteredAt, exitPress, secrets }: Story,
  target: URL,
): BrowserStep | undefined {
  if (!exitPress || exitPress.text === '') return undefined;
  const before = moments.slice(enteredAt + 1, moments.indexOf(exitPress));
  return {
    browser: pathFrom(target, withoutSecrets(exitPress.page, secrets)),
    do: [...openers(before), { press: exitPress.text }],
  };
}

/** What was pressed since the page was there: what opens a menu, or shows the form. */
function openers(before: readonly Story['moments'][number][]): Act[] {
  const since = before.findLastIndex((it) => it.kind === 'exchanged' && it.isPage);
  return pressesIn(before.slice(since + 1)).map((press) => ({ press }));
}

function pressesIn(moments: readonly Story['moments'][number][]): string[] {
  return moments
    .filter((it): it is Pressed => it.kind === 'pressed' && it.text !== '')
    .map(({ text }) => text);
}

function act(fill: Readonly<Record<string, string>>, press: string | undefined): Act {
  return { ...(Object.keys(fill).length > 0 && { fill }), ...(press !== undefined && { press }) };
}
