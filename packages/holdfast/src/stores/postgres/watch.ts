/** Hearing of ends and changes, and knowing when nothing would be heard. */
import type { Notice } from '../../store.ts';
import type { PostgresClient } from './client.ts';
import { type Ear, earOf } from './ear.ts';

/** In milliseconds. */
const TICK = 500;
/** After so many ticks without a word, a beat is sent; whoever listens hears it, so that one is enough for all. */
const SILENT = 2;
/** After so many, the beat has had its time: notices do not arrive either. */
const DEAF = 4;
/** So many ticks something may be amiss, until the connection is replaced. */
const LOST = 10;
/** Servers tell of changes for 40 s after a beat, by their own clock. Long before that, the next one is due. */
const BEAT_EVERY = 10_000;
const TOLD_FOR = 30_000;
/** What a beat says. */
const BEAT = '?';

export interface Heart {
  /** Says that somebody listens, and is heard on the channel. */
  beat(): Promise<unknown>;
  /** Until every change has ended that may not have known that somebody listens. */
  awaitChanges(): Promise<unknown>;
}

/** What is heard after all changes know of the listener counts: it proves that the next notice arrives. */
export async function watchOn(
  client: PostgresClient,
  channel: string,
  heart: Heart,
  listener: (notice: Notice) => void,
): Promise<() => Promise<void>> {
  let ear: Ear | undefined;
  /** The connection has ended, and its client will not mend that. */
  let isOver = false;
  let isUp = false;
  /** All changes from now on are told, if they are heard. */
  let isArmed = false;
  /** Rises with each gap: what was begun before it does not count. */
  let era = 0;
  let silence = 0;
  let ticksDown = 0;
  let beatAt = Number.NEGATIVE_INFINITY;
  let toldUntil = Number.NEGATIVE_INFINITY;
  let whenUp: () => void = () => undefined;
  const firstUp = new Promise<void>((resolve) => {
    whenUp = resolve;
  });

  function down(): void {
    isArmed = false;
    era++;
    if (!isUp) return;
    isUp = false;
    listener({ kind: 'down' });
  }

  function heard(message: string): void {
    silence = 0;
    if (!isUp && isArmed) {
      isUp = true;
      ticksDown = 0;
      listener({ kind: 'up' });
      whenUp();
    }
    if (!isUp || message === BEAT) return;
    listener({ kind: message.startsWith('-') ? 'ended' : 'changed', id: message.slice(1) });
  }

  async function beat(): Promise<void> {
    beatAt = performance.now();
    const sentAt = beatAt;
    await heart.beat();
    toldUntil = sentAt + TOLD_FOR;
  }

  async function arm(): Promise<void> {
    const mine = era;
    await beat();
    await heart.awaitChanges();
    if (mine !== era) return;
    isArmed = true;
    await beat();
  }

  async function listen(): Promise<void> {
    isOver = false;
    const mine = earOf(client, (isForGood) => {
      if (ear !== mine) return;
      isOver ||= isForGood;
      down();
    });
    ear = mine;
    try {
      await mine.listen(channel, (message) => ear === mine && heard(message));
    } catch (error) {
      if (ear === mine) isOver = true;
      throw error;
    }
  }

  function tick(): void {
    const now = performance.now();
    silence++;
    // The process may have stood still for longer than anyone tells of changes.
    if ((isUp && silence >= DEAF) || now > toldUntil) down();
    if (isUp) {
      if (silence >= SILENT || now > beatAt + BEAT_EVERY) beat().catch(() => undefined);
      return;
    }
    if (++ticksDown % LOST === 0 || isOver) {
      void ear?.close();
      listen().catch(() => undefined);
    } else if (ticksDown % 2 === 1) {
      (isArmed ? beat() : arm()).catch(() => undefined);
    }
  }

  try {
    await listen();
    await beat();
  } catch (error) {
    await ear?.close();
    throw error;
  }
  arm().catch(() => undefined);
  const ticks = setInterval(tick, TICK);
  (ticks as { unref?(): void }).unref?.();
  await firstUp;
  return async () => {
    clearInterval(ticks);
    isArmed = false;
    isUp = false;
    const last = ear;
    ear = undefined;
    await last?.close();
  };
}
