import { join } from 'node:path';
import { freePort } from '../../../../holdfast/test/support/ports.ts';
import { startTarget } from '../../../src/start/target.ts';
import type { Exhibit, Running } from '../exhibit.ts';
import type { Told } from './program.ts';

function exhibit(name: string, truth: string, found: readonly string[], told: Told): Exhibit {
  return { name, stack: 'node:http, with a moved clock', truth, found, start: () => started(told) };
}

/** As `--start` does it. */
async function started(told: Told): Promise<Running> {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  const program = join(import.meta.dirname, 'program.ts');
  const target = await startTarget({
    command: `'${process.execPath}' '${program}' ${port} '${JSON.stringify(told)}'`,
    target: new URL(url),
  });
  if (target.time) return { url, time: target.time, stop: () => target.stop() };
  await target.stop();
  throw new Error(target.whyNoTime);
}

export const timeoutExhibits: readonly Exhibit[] = [
  exhibit('limits, sound', 'Half an hour without use, eight hours with it.', [], {
    idle: 1_800,
    absolute: 28_800,
  }),
  exhibit(
    'limits, sound, by another clock',
    'The limits go by a clock that counts from the start of the process, not by the time of day.',
    [],
    { idle: 1_800, absolute: 28_800, clock: 'since the start' },
  ),
  exhibit('no limit on idleness', 'A session lives for eight hours, used or not.', ['idle-timeout'], {
    absolute: 28_800,
  }),
  exhibit('idle for too long', 'A session that nobody uses ends after two hours.', ['idle-timeout'], {
    idle: 7_200,
    absolute: 28_800,
  }),
  exhibit('no absolute limit', 'A session that is used lives for ever.', ['absolute-timeout'], {
    idle: 1_800,
  }),
  exhibit(
    'limits in the cookie only',
    'The browser throws the cookie away after half an hour; the server never ends the session.',
    ['idle-timeout', 'absolute-timeout'],
    { cookieAttributes: 'Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800' },
  ),
];
