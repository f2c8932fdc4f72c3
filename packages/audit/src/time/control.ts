/** How time goes by for the target: somebody moves its clock, or waits. */
import type { Clock } from '../clock.ts';
import { sayDuration } from './duration.ts';

export interface TimeControl {
  /** Time that is waited for goes by for everybody and costs itself; time that is moved costs nothing. */
  readonly kind: 'moved' | 'waited';
  /** For the report. */
  readonly says: string;
  /** How long one session can be watched for at most, in milliseconds. */
  readonly atMost: number;
  /** Lets so much time go by for the target. */
  pass(ms: number): Promise<void>;
  /** Ends once a target that looks at its clock once a second has looked again. */
  settle(): Promise<void>;
  /**
   * Clocks that are not moved and may well be what a session ends by, each told in a few words. Asked where a session has
   * outlived its limit: with any of them that proves nothing.
   */
  foreignClocks?(): Promise<readonly string[]>;
  /** Begins anew with more of the target's clocks moved. False where all are, or where more can not be. */
  moveMore?(): Promise<boolean>;
}

export function waitingTime(clock: Clock, patience: number, signal?: AbortSignal): TimeControl {
  return {
    kind: 'waited',
    says: `Time is waited for, up to ${sayDuration(patience)}.`,
    atMost: patience,
    pass: (ms) => clock.sleep(ms, signal),
    settle: () => Promise.resolve(),
  };
}

/** Two checks watch a session for a while, one after the other. */
const CHECKS_THAT_WAIT = 2;

/** How many seconds an audit waits at most, beside what it does. */
export function secondsWaited(time: Pick<TimeControl, 'kind' | 'atMost'> | undefined): number {
  return time?.kind === 'waited' ? (CHECKS_THAT_WAIT * time.atMost) / 1_000 : 0;
}
