/** As much of RESP 2 as it takes to arrange servers and to look into them, apart from the clients under test. */
import { connect } from 'node:net';

export type Reply = string | number | null | ReplyError | readonly Reply[];

export class ReplyError extends Error {}

function encode(command: readonly (string | number)[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(String(part))}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${parts.join('')}`;
}

/** The reply that begins at `start`, and where it ends; nothing while a part of it is missing. */
function parse(bytes: Buffer, start: number): readonly [Reply, number] | undefined {
  const end = bytes.indexOf('\r\n', start);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', start + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '+':
      return [line, next];
    case '-':
      return [new ReplyError(line), next];
    case ':':
      return [Number(line), next];
    case '$': {
      const length = Number(line);
      if (length < 0) return [null, next];
      if (bytes.length < next + length + 2) return undefined;
      return [bytes.toString('utf8', next, next + length), next + length + 2];
    }
    case '*': {
      const length = Number(line);
      if (length < 0) return [null, next];
      const items: Reply[] = [];
      let at = next;
      while (items.length < length) {
        const item = parse(bytes, at);
        if (item === undefined) return undefined;
        items.push(item[0]);
        at = item[1];
      }
      return [items, at];
    }
    default:
      throw new Error(`not a RESP 2 reply: ${bytes.toString('latin1', start, end)}`);
  }
}

/** One command on a connection of its own. An error reply is thrown. */
export function call(port: number, ...command: readonly (string | number)[]): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let bytes = Buffer.alloc(0);
    socket.setTimeout(5000, () => socket.destroy(new Error(`no reply to ${command[0]} within 5 s`)));
    socket.on('connect', () => socket.write(encode(command)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection closed before the reply to ${command[0]}`)));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const reply = parse(bytes, 0);
        if (reply === undefined) return;
        if (reply[0] instanceof ReplyError) reject(reply[0]);
        else resolve(reply[0]);
        socket.destroy();
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
  });
}
