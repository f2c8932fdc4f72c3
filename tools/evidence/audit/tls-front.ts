/** HTTPS before a site on this machine that speaks HTTP, so that every tool sees it as it would be deployed. */
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { workspace } from '../../lib/workspace.ts';

const certificate = join(workspace, 'packages/audit/test/gallery/tls');
const HSTS = 'max-age=63072000; includeSubDomains';

export interface Front {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Addresses of the front become addresses of the site on the way in, and back on the way out. */
export async function frontOf(site: string): Promise<Front> {
  const inner = new URL(site).origin;
  let outer = '';
  const server = createServer(
    { key: readFileSync(join(certificate, 'key.pem')), cert: readFileSync(join(certificate, 'cert.pem')) },
    (req, res) => {
      const headers: IncomingHttpHeaders = { ...req.headers, host: new URL(inner).host };
      for (const name of ['origin', 'referer'] as const) {
        const value = headers[name];
        if (value !== undefined) headers[name] = value.replace(outer, inner);
      }
      const onward = request(`${inner}${req.url}`, { method: req.method, headers }, (answer) => {
        const { location } = answer.headers;
        const back = location === undefined ? {} : { location: location.replace(inner, outer) };
        res.writeHead(answer.statusCode ?? 502, {
          ...answer.headers,
          'strict-transport-security': HSTS,
          ...back,
        });
        answer.pipe(res);
      });
      onward.on('error', () => res.destroy());
      // A request whose body comes late has begun for the site as well.
      onward.flushHeaders();
      req.pipe(onward);
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  outer = `https://localhost:${port}`;
  return {
    url: `${outer}/`,
    port,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
