/** What servers are asked, as `MONITOR` tells it: commands inside scripts, too. */
import { connect, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { until } from '../until.ts';
import { call } from './resp.ts';

export interface Monitored {
  /** In lower case. */
  readonly name: string;
  /** What follows it, as the server quotes it. */
  readonly words: readonly string[];
  readonly isInScript: boolean;
}

export class Monitor {
  readonly commands: Monitored[] = [];
  readonly #ports: readonly number[];
  readonly #sockets: Socket[] = [];
  #isReady = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    for (const port of ports) this.#listen(port);
  }

  static async start(ports: readonly number[]): Promise<Monitor> {
    const monitor = new Monitor(ports);
    await until('every server tells what it is asked', () => monitor.#isReady === ports.length);
    return monitor;
  }

  #listen(port: number): void {
    const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8');
    this.#sockets.push(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write('MONITOR\r\n'));
    socket.on('data', (chunk: string) => {
      const lines = (text + chunk).split('\r\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
  }

  #take(line: string): void {
    if (line === '+OK') {
      this.#isReady++;
      return;
    }
    const [, from, rest = ''] = /^\+[\d.]+ \[\d+ ([^\]]*)\] (.*)$/.exec(line) ?? [];
    const [name = '', ...words] = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word);
    this.commands.push({ name: name.toLowerCase(), words, isInScript: from === 'lua' });
  }

  /** What was answered before this is told when it returns. */
  async caughtUp(): Promise<void> {
    for (const port of this.#ports) {
      const mark = randomUUID();
      await call(port, 'PING', mark);
      const isThere = ({ words }: Monitored): boolean => words[0] === mark;
      await until('what was asked is told', () => this.commands.some(isThere));
    }
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
