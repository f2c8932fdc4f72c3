/** One exchange over `node:http`: header fields as they are, within limits, whatever the other side sends. */
import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { AuditError } from '../errors.ts';
import type { Limits } from './limits.ts';
import type { Answer, Headers, Request, Tls } from './message.ts';

export interface WireOptions {
  readonly limits: Pick<Limits, 'answerSeconds' | 'bodyBytes' | 'headerBytes'>;
  /** Go on where the certificate is not trusted; the answer says why it is not. */
  readonly acceptsAnyCertificate: boolean;
}

export interface Wire {
  send(request: Request, signal: AbortSignal): Promise<Omit<Answer, 'number'>>;
  close(): void;
}

export function openWire(options: WireOptions): Wire {
  // A connection is kept for the next request: an audit of a thousand requests should not make a thousand handshakes.
  const tls = { rejectUnauthorized: !options.acceptsAnyCertificate };
  const kept = { keepAlive: true, maxSockets: 16 };
  const agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent({ ...kept, ...tls }) };
  const fresh = { 'http:': new http.Agent(), 'https:': new https.Agent(tls) };
  return {
    async send(request, signal) {
      const protocol = request.url.protocol === 'https:' ? 'https:' : 'http:';
      try {
        return await exchange(request, agents[protocol], options, signal);
      } catch (error) {
        // The server closed a kept connection just when it was taken: nothing was answered, so it is sent once more. On a new
        // one: whoever has its clock moved closes all that are kept.
        if (!(error instanceof StaleConnection) || request.hold) throw faultOf(error, request, signal);
        return exchange(request, fresh[protocol], options, signal).catch((again: unknown) => {
          throw faultOf(again, request, signal);
        });
      }
    },
    close() {
      for (const agent of [...Object.values(agents), ...Object.values(fresh)]) agent.destroy();
    },
  };
}

class StaleConnection extends Error {}

function exchange(
  request: Request,
  agent: http.Agent,
  { limits }: WireOptions,
  signal: AbortSignal,
): Promise<Omit<Answer, 'number'>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const { url, method, body = '', hold, bodyBytes = limits.bodyBytes } = request;
    const send = url.protocol === 'https:' ? https.request : http.request;
    const outgoing = send({
      agent,
      method,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      headers: wireHeaders(request, Buffer.byteLength(body)),
      setHost: false,
      maxHeaderSize: limits.headerBytes,
    });
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      settle();
    };
    const fail = (error: Error): void => end(() => reject(error));
    const stop = (): void => {
      fail(signal.reason as Error);
      outgoing.destroy();
    };
    // One limit for all of it, so that an answer which drips a byte a second ends as well.
    const timer = setTimeout(() => {
      fail(new AuditError('timeout', `no whole answer within ${limits.answerSeconds} s`));
      outgoing.destroy();
    }, limits.answerSeconds * 1000);
    signal.addEventListener('abort', stop, { once: true });

    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const wasReused = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      fail(wasReused ? new StaleConnection() : error);
    });
    outgoing.on('upgrade', (_answer, socket) => {
      fail(new AuditError('malformed_answer', 'the answer switches to another protocol'));
      socket.destroy();
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      // Now, because a kept connection is handed back before the answer has ended.
      const tls = tlsOf(incoming.socket);
      const finish = (isCut: boolean): void =>
        end(() => {
          resolve({
            request,
            status: incoming.statusCode ?? 0,
            headers: pairs(incoming.rawHeaders),
            body: Buffer.concat(chunks).subarray(0, bodyBytes).toString('utf8'),
            isCut,
            ...(tls && { tls }),
          });
        });
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= bodyBytes) return;
        finish(true);
        outgoing.destroy();
      });
      incoming.on('end', () => finish(false));
      // The connection broke inside the body: what came is what can be judged.
      incoming.on('error', () => finish(true));
      incoming.on('aborted', () => finish(true));
    });

    if (!hold) {
      outgoing.end(body);
      return;
    }
    outgoing.flushHeaders();
    void hold.then(() => {
      if (!outgoing.destroyed) outgoing.end(body);
    });
  });
}

function wireHeaders({ headers, method, body }: Request, length: number): string[] {
  const needsLength = body !== undefined || !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
  const all = needsLength ? [...headers, ['Content-Length', String(length)] as const] : headers;
  return all.flat();
}

function pairs(raw: readonly string[]): Headers {
  const headers: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return headers;
}

function tlsOf(socket: object): Tls | undefined {
  if (!('encrypted' in socket)) return undefined;
  const tls = socket as TLSSocket;
  const problem = tls.authorized ? undefined : String(tls.authorizationError);
  return { protocol: tls.getProtocol() ?? 'unknown', ...(problem !== undefined && { problem }) };
}

const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|EPROTO)/;

/** What `acceptsAnyCertificate` would pass over. */
const UNTRUSTED = /^(?:CERT_|ERR_TLS_CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function faultOf(error: unknown, { url }: Request, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof AuditError) return error;
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (code.startsWith('HPE_')) {
    return new AuditError('malformed_answer', `${url.host} answers what is not HTTP (${code})`);
  }
  if (UNTRUSTED.test(code))
    return new AuditError(
      'tls',
      `${url.host}: the certificate is not trusted (${code}); to go on: --insecure`,
    );
  if (TLS_CODES.test(code)) return new AuditError('tls', `${url.host}: ${code}: ${firstLine(message)}`);
  return new AuditError(
    'unreachable',
    `${url.host}: ${code || firstLine(message) || 'the connection broke'}`,
  );
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
