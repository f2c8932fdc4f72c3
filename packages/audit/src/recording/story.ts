/** What is what in a recording: who signed in, with which request, and with which they signed out. */
import { mediaType, redirectTarget } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { saysSignOut } from '../site/find-form.ts';
import type { Exchanged, Moment, Pressed, Typed } from './moments.ts';
import { hasSecret, secretsTyped } from './secrets.ts';
import { carries } from './sent.ts';
import { isSurelyIssued } from './sources.ts';

export interface Story {
  readonly moments: readonly Moment[];
  readonly exchanges: readonly Exchanged[];
  readonly account: Account;
  /** All that was typed where it is not shown, the password first: a PIN, one that was mistyped. */
  readonly secrets: readonly string[];
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
  const typed = secretsTyped(moments);
  const password = given?.password ?? passwordOf(typed, exchanges);
  if (password === undefined) return undefined;
  const enter = exchanges.findLastIndex((it) => carries(it, password));
  const enteredAt = enter === -1 ? afterTyping(moments, password) : momentOf(moments, exchanges[enter]);
  const user = given?.user ?? userOf(moments.slice(0, enteredAt), exchanges.slice(0, enter + 1));
  const { exit, exitPress } = exitOf(moments, exchanges, enteredAt);
  // Somebody may have typed the name where the password goes.
  const others = typed.map(({ value }) => value).filter((it) => it !== user);
  return {
    moments,
    exchanges,
    account: { user, password },
    secrets: [...new Set([password, ...others])],
    enteredAt,
    ...(enter !== -1 && { enter }),
    ...(exit !== undefined && { exit }),
    ...(exitPress && { exitPress }),
  };
}

/** One of two in a form may be a PIN: the password is called so, or else it was typed first. */
function passwordOf(typed: readonly Typed[], exchanges: readonly Exchanged[]): string | undefined {
  const carried = typed.filter(({ value }) => exchanges.some((it) => carries(it, value)));
  const last = carried.findLast(isCalledPassword) ?? carried.at(-1);
  const enter = last && exchanges.findLast((it) => carries(it, last.value));
  const together = enter ? carried.filter(({ value }) => carries(enter, value)) : typed.slice(-1);
  return (together.find(isCalledPassword) ?? together[0])?.value;
}

function isCalledPassword({ field }: Typed): boolean {
  return /pass|pwd|kennwort/i.test(field);
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
export function pagesWithin({ moments, enteredAt, exchanges, exit, secrets }: Story): URL[] {
  const end = exit === undefined ? moments.length : momentOf(moments, exchanges[exit]);
  const seen = moments.slice(enteredAt + 1, end).filter((it) => it.kind === 'exchanged');
  const useful = seen.filter(
    ({ answer }) =>
      answer.request.method === 'GET' &&
      answer.status === 200 &&
      !redirectTarget(answer) &&
      // It is written down as it is.
      ![...answer.request.url.searchParams.values()].some(isSurelyIssued) &&
      !hasSecret(answer.request.url.href, secrets) &&
      /^text\/html$|[/+]json$/.test(mediaType(answer)),
  );
  const ordered = [...useful.filter((it) => it.isPage), ...useful.filter((it) => !it.isPage)];
  const unique = new Map(ordered.map(({ answer }) => [answer.request.url.href, answer.request.url]));
  return [...unique.values()].slice(0, MAX_PAGES);
}
