/** The sound site over HTTPS, with a certificate that nobody trusts. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Exhibit, Running } from '../exhibit.ts';
import { nodeSite } from '../node/site.ts';

// For localhost, made for these tests and used nowhere else.
const key = readFileSync(join(import.meta.dirname, 'key.pem'));
const cert = readFileSync(join(import.meta.dirname, 'cert.pem'));

export async function listenTls(listener: RequestListener): Promise<Running> {
  const server = createServer({ key, cert }, listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function exhibit(name: string, truth: string, found: readonly string[], hsts: string | undefined): Exhibit {
  const site = nodeSite();
  const listener: RequestListener = (req, res) => {
    if (hsts !== undefined) res.setHeader('Strict-Transport-Security', hsts);
    site(req, res);
  };
  return {
    name: `HTTPS, ${name}`,
    stack: 'node:https',
    truth,
    found,
    isInsecure: true,
    start: () => listenTls(listener),
  };
}

export const tlsExhibits: readonly Exhibit[] = [
  exhibit(
    'sound',
    'Strict-Transport-Security holds for two years.',
    [],
    'max-age=63072000; includeSubDomains',
  ),
  exhibit('without HSTS', 'There is no Strict-Transport-Security.', ['hsts'], undefined),
  exhibit(
    'HSTS for one host',
    'Strict-Transport-Security does not hold for the hosts below.',
    ['hsts'],
    'max-age=63072000',
  ),
  exhibit('HSTS for a day', 'Strict-Transport-Security holds for a day.', ['hsts'], 'max-age=86400'),
  exhibit(
    'HSTS misspelt',
    'The header has no max-age that a browser would read.',
    ['hsts'],
    'maxage=63072000',
  ),
];
