import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after so many milliseconds; a test lets go when it likes. */
export type Wait = (milliseconds: number) => Promise<void>;

export const realWait: Wait = async (milliseconds) => {
  await sleep(milliseconds);
};
