/** What each subpath brings into a program, beside what the peers bring: bundled alike, minified, and gzipped. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { library, readManifest, subpathsOf } from '../../tools/lib/package.ts';
import { workspace } from '../../tools/lib/workspace.ts';

export interface Size {
  readonly name: string;
  readonly isOurs: boolean;
  readonly minified: number;
  readonly gzipped: number;
  /** Packages in it, the one that is asked for among them. */
  readonly packages: number;
}

/** With what a store or a plugin needs to be of use. */
const PEERS: readonly (readonly [title: string, ...modules: string[]])[] = [
  ['express-session', 'express-session'],
  ['connect-redis', 'connect-redis'],
  ['connect-pg-simple', 'connect-pg-simple'],
  ['cookie-session', 'cookie-session'],
  ['@fastify/session with @fastify/cookie', '@fastify/session', '@fastify/cookie'],
  ['@fastify/secure-session', '@fastify/secure-session'],
  ['iron-session', 'iron-session'],
  ['hono-sessions', 'hono-sessions'],
  ['koa-session', 'koa-session'],
  ['better-auth', 'better-auth'],
];

/** What an application brings itself: frameworks and the clients of databases; and a native module, which no bundle holds. */
const OUTSIDE = [
  'express',
  'fastify',
  'hono',
  'hono/*',
  'koa',
  'redis',
  'ioredis',
  'iovalkey',
  'pg',
  'postgres',
  'mysql2',
  'better-sqlite3',
  'sodium-native',
];

async function sizeOf(name: string, contents: string, resolveDir: string, isOurs: boolean): Promise<Size> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    external: OUTSIDE,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const bundled = outputFiles[0]?.contents ?? new Uint8Array();
  const packages = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const [, found] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (found !== undefined) packages.add(found);
  }
  return {
    name,
    isOurs,
    minified: bundled.length,
    gzipped: gzipSync(bundled).length,
    packages: packages.size + (isOurs ? 1 : 0),
  };
}

export interface Sizes {
  readonly sizes: readonly Size[];
  readonly failed: readonly string[];
}

export async function bundleAll(): Promise<Sizes> {
  const sizes: Size[] = [];
  const failed: string[] = [];
  const add = async (name: string, modules: readonly string[], folder: string, isOurs: boolean) => {
    const contents = modules.map((one, i) => `export * as m${i} from '${one}';`).join('\n');
    try {
      sizes.push(await sizeOf(name, contents, join(workspace, folder), isOurs));
    } catch (error) {
      failed.push(`${name} could not be bundled: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const { specifier } of subpathsOf(await readManifest(workspace)).subpaths) {
    await add(specifier, [specifier], library, true);
  }
  const together = ['holdfast', 'holdfast/express', 'holdfast/stores/redis'];
  await add('all of `holdfast`, `/express` and `/stores/redis`', together, library, true);
  for (const [title, ...modules] of PEERS) await add(title, modules, 'bench/peers', false);
  return { sizes, failed };
}
