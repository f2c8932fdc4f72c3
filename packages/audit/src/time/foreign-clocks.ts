/**
 * Which servers a group of processes is connected to that are not of the group: their clocks stay where they are. A session
 * that ends by the expiry of a key in Redis does not end because the clock of the application was moved.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux only; elsewhere nothing is seen. */
export async function foreignServers(group: number, proc = '/proc'): Promise<string[]> {
  const pids = await processesOf(group, proc);
  const sockets = new Set<string>();
  for (const pid of pids) {
    for (const fd of await listing(join(proc, String(pid), 'fd'))) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(await linkOf(join(proc, String(pid), 'fd', fd))) ?? [];
      if (inode !== undefined) sockets.add(inode);
    }
  }
  const [first] = pids;
  if (first === undefined) return [];
  const connections: Connection[] = [];
  for (const table of ['tcp', 'tcp6'])
    connections.push(...connectionsIn(await textOf(join(proc, String(first), 'net', table))));
  const own = connections.filter(({ inode }) => sockets.has(inode));
  const listening = new Set(own.filter(({ isListening }) => isListening).map(({ localPort }) => localPort));
  const servers = own
    // Who connects to the target is its client; whom the target connects to has the other's port.
    .filter((it) => it.isOpen && !listening.has(it.localPort) && !listening.has(it.remotePort))
    .map(({ remotePort }) => `a server on port ${remotePort}`);
  return [...new Set(servers)];
}

/** Every process of the group that runs. */
export async function processesOf(group: number, proc = '/proc'): Promise<number[]> {
  return (await membersOf(group, proc)).filter(({ isDead }) => !isDead).map(({ pid }) => pid);
}

/** Whether the group is listed only because nobody has asked yet how its processes ended. Elsewhere than on Linux: false. */
export async function isListedAsDead(group: number, proc = '/proc'): Promise<boolean> {
  const members = await membersOf(group, proc);
  return members.length > 0 && members.every(({ isDead }) => isDead);
}

interface Member {
  readonly pid: number;
  readonly isDead: boolean;
}

/** By the third and the fifth field of its stat. */
async function membersOf(group: number, proc: string): Promise<Member[]> {
  const members: Member[] = [];
  for (const name of await listing(proc)) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await textOf(join(proc, name, 'stat'));
    // The name stands in parentheses, and may have anything in it.
    const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(of) === group) members.push({ pid: Number(name), isDead: state === 'Z' || state === 'X' });
  }
  return members;
}

interface Connection {
  readonly localPort: number;
  readonly remotePort: number;
  readonly inode: string;
  readonly isListening: boolean;
  readonly isOpen: boolean;
}

function connectionsIn(table: string): Connection[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (inode === '') return [];
      const port = (address: string): number => Number.parseInt(address.split(':')[1] ?? '', 16);
      return [
        {
          localPort: port(local),
          remotePort: port(remote),
          inode,
          isListening: state === '0A',
          isOpen: state === '01',
        },
      ];
    });
}

async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

async function linkOf(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch {
    return '';
  }
}
