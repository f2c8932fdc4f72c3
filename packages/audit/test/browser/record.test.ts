import { expect, test } from 'vitest';
import { record } from '../../src/browser/record.ts';
import type { Moment } from '../../src/recording/moments.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { atTheShop } from './people.ts';

async function recorded(
  listener: Parameters<typeof listen>[0],
  person: Parameters<typeof record>[0]['person'],
): Promise<Moment[]> {
  const site = await listen(listener);
  try {
    return await record({
      target: new URL(site.url),
      acceptsAnyCertificate: false,
      ...(person && { person }),
    });
  } finally {
    await site.stop();
  }
}

test('all that a person types, presses and sends is seen in order, with every answer', {
  timeout: 60_000,
}, async () => {
  const moments = await recorded(nodeSite(), atTheShop);
  const lines = moments.map((it) => {
    if (it.kind === 'typed') return `${it.field}: ${it.isSecret ? 'secret' : it.value}`;
    if (it.kind === 'pressed') return `[${it.text}]`;
    return `${it.answer.request.method} ${it.answer.request.url.pathname} ${it.answer.status}`;
  });
  expect(lines.filter((line, index) => line !== lines[index - 1])).toEqual([
    'GET / 200',
    '[Log in]',
    'GET /login 200',
    `login: ${USER}`,
    'pass: secret',
    '[Log in]',
    'POST /login 303',
    'GET /account 200',
    '[Log out]',
    'POST /logout 303',
    'GET / 200',
  ]);
  const post = moments.find((it) => it.kind === 'exchanged' && it.answer.request.method === 'POST');
  if (post?.kind !== 'exchanged') throw new Error('there is one');
  expect(new URLSearchParams(post.answer.request.body).get('pass')).toBe(PASSWORD);
  const last = moments.findLast((it) => it.kind === 'exchanged');
  expect(last?.cookies).toEqual([{ name: 'theme', value: 'dark' }]);
});

test('who stops it while Chromium comes up is not kept waiting for a window', {
  timeout: 60_000,
}, async () => {
  const site = await listen(nodeSite());
  const stop = new AbortController();
  const heard: string[] = [];
  try {
    const recording = record({
      target: new URL(site.url),
      acceptsAnyCertificate: false,
      signal: stop.signal,
      onOpen: () => heard.push('open'),
      person: () => new Promise(() => undefined),
    });
    stop.abort();
    expect(await recording).toEqual([]);
    expect(heard).toEqual([]);
  } finally {
    await site.stop();
  }
});
