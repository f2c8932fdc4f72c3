/** Ctrl-C, a pipeline that is called off, and a terminal that is closed. */
import { systemClock } from '../clock.ts';
import { stoppedBySomebody } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal and npm both pass Ctrl-C on: signals this close together are one. */
const ONE_SIGNAL_WITHIN = 500;

/**
 * The first signal ends the audit and writes what is known; the second ends the process.
 *
 * @returns no longer listens. Where a signal came, it first waits until another one is not the same any more: the process
 * would end by that, and not with its exit code.
 */
export function stopBySignals(stop: AbortController): () => Promise<void> {
  let since: number | undefined;
  const left = (): number => (since === undefined ? 0 : since + ONE_SIGNAL_WITHIN - performance.now());
  const onSignal = (): void => {
    if (since !== undefined && left() <= 0) process.exit(130);
    since ??= performance.now();
    stop.abort(stoppedBySomebody());
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return async () => {
    if (left() > 0) await systemClock.sleep(left());
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
