import { hostOf, isLoopbackHost } from './host.ts';
import type { SessionRequest } from './request.ts';

/**
 * Why a browser will not keep the cookie of an answer, or why the request is not understood: told to the developer, once.
 * A cookie that never arrives is the complaint most often made about session libraries.
 */
export function deliveryProblem(request: SessionRequest): string | undefined {
  const { headers, encrypted } = request;
  if (encrypted) return undefined;
  const header = headers.get('host');
  if (!header) return undefined;
  const host = hostOf(header);
  if (isLoopbackHost(host)) return undefined;
  const isBehindTls = /https/i.test(headers.get('x-forwarded-proto') ?? headers.get('forwarded') ?? '');
  if (isBehindTls) {
    return (
      'holdfast: a proxy in front of this server says that the browser used HTTPS, but none is declared (or another number of them), and its word ' +
      "does not count. Write proxy: { hops: 1 } (fetch, node) or app.set('trust proxy', 1) (Express). " +
      "Until then addresses are the proxy's, and a redirect to HTTPS would never end."
    );
  }
  return (
    `holdfast: the session cookie is Secure, and browsers neither keep nor send it over plain HTTP for ${host ?? 'this host'}. ` +
    'Serve HTTPS, or use localhost while you develop. If a proxy terminates TLS, let it send X-Forwarded-Proto and declare it: ' +
    "proxy: { hops: 1 } (fetch, node) or app.set('trust proxy', 1) (Express)."
  );
}
