/** What in the settings of a server lets it lose sessions, or bring ended ones back, without a word. */
import { isForbidden, type Link } from './client.ts';

/** Asks once, in the background; servers that do not answer are asked no more. */
export function warnOfLosses(link: Link, warn: (message: string) => void): void {
  findLosses(link).then(
    (messages) => messages.forEach((message) => warn(message)),
    () => undefined,
  );
}

export async function findLosses(link: Link): Promise<readonly string[]> {
  const asked = [
    ...(await link.sendToAll('INFO', 'memory')),
    ...(await link.sendToAll('INFO', 'persistence')),
  ];
  const found = (await Promise.allSettled(asked)).flatMap((answer) => {
    if (answer.status === 'fulfilled') return lossesIn(String(answer.value));
    return isForbidden(answer.reason) ? [UNSEEN] : [];
  });
  return [...new Set(found)];
}

const UNSEEN =
  'this user may not run INFO, so that nobody can tell whether this Redis loses sessions. Allow it (ACL SETUSER … +info), or see yourself that it has maxmemory-policy noeviction and appendonly yes';

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
