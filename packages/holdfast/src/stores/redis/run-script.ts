/** Scripts by the SHA-1 of their text, so that a change sends a few dozen bytes of script and not a few thousand. */
import type { Link } from './client.ts';

export type RunScript = (script: string, key: string, ...args: string[]) => Promise<unknown>;

/** A server that does not know a script (restarted, flushed, promoted) has not run it: then its text is sent. */
export function scriptsOn(link: Pick<Link, 'send'>): RunScript {
  const digests = new Map<string, Promise<string>>();
  return async (script, key, ...args) => {
    let digest = digests.get(script);
    if (!digest) digests.set(script, (digest = sha1(script)));
    try {
      return await link.send(key, 'EVALSHA', await digest, '1', key, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return link.send(key, 'EVAL', script, '1', key, ...args);
    }
  };
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
