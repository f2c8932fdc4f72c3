/** What is what in a recording: who signed in, with which request, and with which they signed out. */
import { mediaType, redirectTarget } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { saysSignOut } from '../site/find-form.ts';
import type { Exchanged, Moment, Pressed, Typed } from './moments.ts';
import { valuesOf } from './sent.ts';

export interface Story {
  readonly moments: readonly Moment[];
  readonly exchanges: readonly Exchanged[];
  readonly account: Account;
  /** The exchange that had the password; absent where none had it as it was typed. */
  readonly enter?: number;
  /** From which moment on one was signed in. */
  readonly enteredAt: number;
  /** The exchange that signed out. */
  readonly exit?: number;
  /** What was pressed for it. */
  readonly exitPress?: Pressed;
}

/** @param given who was named, for pages whose fields do not tell; @returns undefined where nobody has typed a password */
export function storyOf(moments: readonly Moment[], given?: Account): Story | undefined {
  const exchanges = moments.filter((it) => it.kind === 'exchanged');
  const typed = moments.filter((it) => it.kind === 'typed');
  const secrets = typed.filter(({ isSecret, value }) => isSecret && value !== '');
  const carried = secrets.findLast(({ value }) => exchanges.some((it) => carries(it, value)));
  const password = given?.password ?? (carried ?? secrets.at(-1))?.value;
  if (password === undefined) return undefined;
  const enter = exchanges.findLastIndex((it) => carries(it, password));
  const enteredAt = enter === -1 ? afterTyping(moments, password) : momentOf(moments, exchanges[enter]);
  const user = given?.user ?? userOf(moments.slice(0, enteredAt), exchanges.slice(0, enter + 1));
  const { exit, exitPress } = exitOf(moments, exchanges, enteredAt);
  return {
    moments,
    exchanges,
    account: { user, password },
    enteredAt,
    ...(enter !== -1 && { enter }),
    ...(exit !== undefined && { exit }),
    ...(exitPress && { exitPress }),
  };
}

export function carries({ answer: { request } }: Exchanged, value: string): boolean {
  return valuesOf(request).some(([, it]) => it === value);
}

function momentOf(moments: readonly Moment[], exchange: Exchanged | undefined): number {
  return exchange ? moments.indexOf(exchange) : moments.length;
}

/** A script has made something else of it: what was sent next is then the sign-in. */
function afterTyping(moments: readonly Moment[], password: string): number {
  const last = moments.findLastIndex((it) => it.kind === 'typed' && it.value === password);
  const next = moments.findIndex((it, index) => index > last && isChange(it));
  return next === -1 ? moments.length : next;
}

function isChange(moment: Moment): moment is Exchanged {
  return moment.kind === 'exchanged' && !/^(?:GET|HEAD|OPTIONS)$/.test(moment.answer.request.method);
}

/** What was typed before the password, and best what was sent with it. */
function userOf(before: readonly Moment[], exchanges: readonly Exchanged[]): string {
  const typed = before.filter(
    (it): it is Typed => it.kind === 'typed' && !it.isSecret && it.value.trim() !== '',
  );
  const last = [...new Map(typed.map((it) => [it.field, it])).values()];
  const sent = last.findLast(({ value }) => exchanges.some((it) => isChange(it) && carries(it, value)));
  return (sent ?? last.at(-1))?.value ?? '';
}

/** The likeliest first: what changes something at an address that says so, what came of a button that says so … */
function exitOf(
  moments: readonly Moment[],
  exchanges: readonly Exchanged[],
  enteredAt: number,
): Pick<Story, 'exit' | 'exitPress'> {
  const after = moments.slice(enteredAt + 1);
  const pressedAt = after.findLastIndex((it) => it.kind === 'pressed' && saysSignOut(it.text));
  const press = after[pressedAt];
  const exitPress = press?.kind === 'pressed' ? press : undefined;
  const sent = after.filter((it) => it.kind === 'exchanged');
  const ofPress = exitPress ? after.slice(pressedAt).filter((it) => it.kind === 'exchanged') : [];
  const exit =
    sent.findLast((it) => isChange(it) && saysSo(it)) ??
    ofPress.find(isChange) ??
    sent.find(saysSo) ??
    ofPress[0] ??
    sent.findLast(isChange);
  if (!exit) return exitPress ? { exitPress } : {};
  const before = moments.slice(0, moments.indexOf(exit));
  const pressed = exitPress ?? before.slice(enteredAt).findLast((it): it is Pressed => it.kind === 'pressed');
  return { exit: exchanges.indexOf(exit), ...(pressed && { exitPress: pressed }) };
}

function saysSo({ answer: { request } }: Exchanged): boolean {
  return saysSignOut(request.url.pathname.replaceAll('/', ' '));
}

const MAX_PAGES = 6;

/** Pages and data that were asked for while one was signed in: where the sign-in led to first. */
export function pagesWithin({ moments, enteredAt, exchanges, exit }: Story): URL[] {
  const end = exit === undefined ? moments.length : momentOf(moments, exchanges[exit]);
  const seen = moments.slice(enteredAt + 1, end).filter((it) => it.kind === 'exchanged');
  const useful = seen.filter(
    ({ answer }) =>
      answer.request.method === 'GET' &&
      answer.status === 200 &&
      !redirectTarget(answer) &&
      /^text\/html$|[/+]json$/.test(mediaType(answer)),
  );
  const ordered = [...useful.filter((it) => it.isPage), ...useful.filter((it) => !it.isPage)];
  const unique = new Map(ordered.map(({ answer }) => [answer.request.url.href, answer.request.url]));
  return [...unique.values()].slice(0, MAX_PAGES);
}
