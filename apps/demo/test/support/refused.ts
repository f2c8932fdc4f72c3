import { expect } from 'vitest';
import { readConfig, StartError } from '../../src/config.ts';
import { openStorage } from '../../src/storage.ts';

/** The one line in which the program says why it can not start on this store; it has no password in it. */
export async function refused(url: string): Promise<string> {
  const users = { kind: 'memory' } as const;
  try {
    const { close } = await openStorage({ store: readConfig({ HOLDFAST_STORE: url }).store, users });
    await close();
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    const { message } = error as StartError;
    expect(message).toMatch(/^HOLDFAST_STORE: [^\n]+$/);
    expect(message).not.toContain('secret');
    return message;
  }
  throw new Error(`${url} was taken`);
}
