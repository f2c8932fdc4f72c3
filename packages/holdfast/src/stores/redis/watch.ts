/** Hearing of ends and changes, on a connection of its own, and knowing when nothing would be heard. */
import type { Notice } from '../../store.ts';
import { type Announcements, BEAT } from './announce.ts';
import type { RedisClient } from './client.ts';
import { type Ear, earOf } from './ear.ts';

/** In milliseconds. */
const TICK = 500;
/** After so many ticks without a word on a channel, a beat is sent there; whoever listens hears it, so that one is enough for all. */
const SILENT = 2;
/** After so many, the beat has had its time: notices do not arrive either. */
const DEAF = 4;
/** So long the client may try to hear again by itself, until it is replaced. */
const LOST = 10;

/** What is heard on a channel counts from the time when it is listened to: a beat proves that the next notice arrives. */
export async function watchOn(
  client: RedisClient,
  announcements: Announcements,
  listener: (notice: Notice) => void,
): Promise<() => Promise<void>> {
  const { names, areSharded } = await announcements.channels();
  /** For how many ticks each channel has been silent. */
  const silence = new Map<string, number>();
  /** The number of the last message on each. */
  const counts = new Map<string, number>();
  /** The channels that have yet to be heard before `up`. */
  let unheard = new Set<string>();
  let isUp = false;
  let ticksDown = 0;
  let ear: Ear | undefined;
  let whenUp: () => void = () => undefined;
  const firstUp = new Promise<void>((resolve) => {
    whenUp = resolve;
  });

  function down(): void {
    unheard = new Set(names);
    if (!isUp) return;
    isUp = false;
    listener({ kind: 'down' });
  }

  /** Clients follow a slot that is moved without a word, and miss what is said meanwhile: messages are counted there. */
  function counted(channel: string, text: string): string {
    const space = text.indexOf(' ');
    const count = Number(text.slice(0, space));
    if (isUp && count !== (counts.get(channel) ?? 0) + 1) down();
    counts.set(channel, count);
    return text.slice(space + 1);
  }

  function heard(channel: string, text: string): void {
    const message = areSharded ? counted(channel, text) : text;
    silence.set(channel, 0);
    if (unheard.delete(channel) && unheard.size === 0) {
      isUp = true;
      ticksDown = 0;
      listener({ kind: 'up' });
      whenUp();
    }
    if (!isUp || message === BEAT) return;
    listener({ kind: message.startsWith('-') ? 'ended' : 'changed', id: message.slice(1) });
  }

  function tick(): void {
    for (const name of names) silence.set(name, (silence.get(name) ?? 0) + 1);
    const isSilentFor = (ticks: number) => (name: string) => (silence.get(name) ?? 0) >= ticks;
    if (isUp && names.some(isSilentFor(DEAF))) down();
    for (const name of isUp ? names.filter(isSilentFor(SILENT)) : unheard) announcements.beat(name);
    if (isUp || ++ticksDown < LOST) return;
    ticksDown = 0;
    void ear?.close();
    listen().catch(() => undefined);
  }

  function listen(): Promise<void> {
    unheard = new Set(names);
    const mine = earOf(client, () => ear === mine && down());
    ear = mine;
    return mine.subscribe(names, areSharded, (channel, message) => ear === mine && heard(channel, message));
  }

  try {
    await listen();
  } catch (error) {
    await ear?.close();
    throw error;
  }
  tick();
  const ticks = setInterval(tick, TICK);
  (ticks as { unref?(): void }).unref?.();
  await firstUp;
  return async () => {
    clearInterval(ticks);
    const last = ear;
    ear = undefined;
    await last?.close();
  };
}
