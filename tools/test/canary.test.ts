import { describe, expect, test } from 'vitest';
import { gate } from '../gates/canary.ts';
import { workspaceOf } from './fixture.ts';

const secret = 'q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80';
const minted = { '.canary/secrets/1.txt': `${secret}\n` };

describe('the canary gate', () => {
  test('passes captures that hold no secret', async () => {
    const root = workspaceOf({ ...minted, '.canary/captured/server/out.log': 'session_created:[ada]\n' });
    expect((await gate.check(root)).problems).toEqual([]);
  });

  test.each([
    ['as it is, in a log', Buffer.from(`cookie: id.lineage.${secret}`)],
    [
      'as the bytes it stands for, in a database',
      Buffer.concat([Buffer.alloc(9), Buffer.from(secret, 'base64url')]),
    ],
    ['as hex', Buffer.from(Buffer.from(secret, 'base64url').toString('hex'))],
  ])('fails on a secret %s, and does not repeat it', async (_, bytes) => {
    const { problems } = await gate.check(workspaceOf({ ...minted, '.canary/captured/it.bin': bytes }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('.canary/captured/it.bin holds a session secret');
    expect(problems[0]).not.toContain(secret);
  });

  test.each([
    ['no secret was recorded', { '.canary/captured/out.log': 'x' }, 'recorded no secret'],
    ['nothing was captured', minted, 'captured nothing'],
    ['only nothing was captured', { ...minted, '.canary/captured/out.log': '' }, 'captured is empty'],
    [
      'a secret is too short to look for',
      { '.canary/secrets/1.txt': 'short', '.canary/captured/out.log': 'x' },
      'only 5 characters',
    ],
  ])('fails when %s', async (_, files, problem) => {
    expect((await gate.check(workspaceOf(files as Record<string, string>))).problems.join()).toContain(
      problem,
    );
  });
});
