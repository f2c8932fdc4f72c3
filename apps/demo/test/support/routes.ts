import type { Express } from 'express';
import { memoryStore } from 'holdfast/stores/memory';
import { memoryAccounts } from '../../src/account-table.ts';
import { createApp } from '../../src/app.ts';
import { createUsers } from '../../src/users.ts';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
  match(path: string): boolean;
}

/** Every path the application answers to with this method, found out from the application itself. */
export async function routesOf(method: 'get' | 'post'): Promise<string[]> {
  const app: Express = createApp({ store: memoryStore(), users: await createUsers(memoryAccounts()) });
  const top = (app.router as unknown as { stack: readonly Layer[] }).stack;
  return top.flatMap((layer) => {
    const mount = layer.match('/lab/x') && !layer.match('/x') ? '/lab' : '';
    return (layer.handle.stack ?? [])
      .filter(({ route }) => route?.methods[method])
      .map(({ route }) => `${mount}${route?.path}`);
  });
}
