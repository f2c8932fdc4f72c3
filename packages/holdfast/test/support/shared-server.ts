/** A server of each kind for a whole test run, started when a test first asks for it. */
import { inject } from 'vitest';

const urls = new Map<string, Promise<string>>();

async function ask(kind: string): Promise<string> {
  const response = await fetch(`${inject('serverBroker')}/${kind}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

/** The URL of that server, or of the one that an environment variable names instead. */
export function sharedUrl(kind: string, variable: string): Promise<string> {
  const named = process.env[variable];
  if (named) return Promise.resolve(named);
  const url = urls.get(kind) ?? ask(kind);
  urls.set(kind, url);
  return url;
}
