/** What in the settings of a server lets it lose sessions, or bring ended ones back, without a word. */
import type { Link } from './client.ts';

/** Asks once, in the background; a server that does not say is asked no more. */
export function warnOfLosses(link: Link, warn: (message: string) => void): void {
  findLosses(link).then(
    (messages) => messages.forEach((message) => warn(message)),
    () => undefined,
  );
}

export async function findLosses(link: Link): Promise<readonly string[]> {
  const replies = await Promise.all([
    link.sendToAll('INFO', 'memory'),
    link.sendToAll('INFO', 'persistence'),
  ]);
  const found = replies.flat().flatMap((text) => lossesIn(String(text)));
  return [...new Set(found)];
}

/** What one section of INFO gives away. */
export function lossesIn(info: string): readonly string[] {
  const messages: string[] = [];
  const policy = field(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    messages.push(
      `this Redis drops keys when its memory is full (maxmemory-policy ${policy}), sessions among them: users are signed out, and ended sessions are forgotten. Set maxmemory-policy noeviction`,
    );
  }
  const aof = field(info, 'aof_enabled');
  if (aof === '0') {
    messages.push(
      'this Redis keeps no append-only file: a restart forgets every session since the last snapshot, and brings back those that were ended since. Set appendonly yes',
    );
  }
  return messages;
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
