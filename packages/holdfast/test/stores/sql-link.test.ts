/** One statement through a driver: when it is sent again, and when never. */
import { describe, expect, test } from 'vitest';
import { linkOver, type Send, type Statement } from '../../src/stores/sql/link.ts';

const READ: Statement = { name: 'read', text: 'SELECT 1' };

/** Fails with each of these in turn, and then answers. */
function failing(...faults: readonly string[]): { send: Send<string>; sent: Statement[] } {
  const sent: Statement[] = [];
  const send = linkOver<string, string>({
    async query(statement) {
      const fault = faults[sent.push(statement) - 1];
      if (fault !== undefined) throw new Error(fault);
      return 'a row';
    },
    open: (answer, take) => take([answer], 1),
    instead(error, statement) {
      const { message } = error as Error;
      if (message === 'rolled back') return statement;
      return message === 'forgotten' ? { text: statement.text } : undefined;
    },
  });
  return { send, sent };
}

const rowsOf = (rows: readonly string[]): readonly string[] => rows;

describe('a statement', () => {
  test('of which nothing has happened is sent again, in the form in which it can be carried out', async () => {
    const { send, sent } = failing('rolled back', 'forgotten', 'rolled back');
    expect(await send(READ, [], rowsOf)).toEqual(['a row']);
    expect(sent).toEqual([READ, READ, { text: READ.text }, { text: READ.text }]);
  });

  test('is sent four times at most', async () => {
    const { send, sent } = failing(...Array.from({ length: 9 }, () => 'rolled back'));
    await expect(send(READ, [], rowsOf)).rejects.toThrow('rolled back');
    expect(sent.length).toBe(4);
  });

  test('of which nobody knows what has happened is not sent again', async () => {
    const { send, sent } = failing('the connection was lost');
    await expect(send(READ, [], rowsOf)).rejects.toThrow('the connection was lost');
    expect(sent.length).toBe(1);
  });

  test('whose answer can not be read was carried out, and is not sent again', async () => {
    const { send, sent } = failing();
    const damaged = (): never => {
      throw new Error('rolled back');
    };
    await expect(send(READ, [], damaged)).rejects.toThrow('rolled back');
    expect(sent.length).toBe(1);
  });
});
