/** Requests and answers as they went over the wire: header fields in order, none folded, none dropped. */
export type Headers = readonly (readonly [name: string, value: string])[];

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string;
  /** The body is sent once this is done, long after the headers: a request that is slow on purpose. */
  readonly hold?: Promise<void>;
  /** How many bytes of the body of the answer are read. Default: the limit of the audit. */
  readonly bodyBytes?: number;
}

export interface Tls {
  readonly protocol: string;
  /** Why the certificate would not be trusted; absent where it is. */
  readonly problem?: string;
}

export interface Answer {
  readonly request: Request;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The body was longer than is read. */
  readonly isCut: boolean;
  readonly tls?: Tls;
  /** Where it stands in the transcript. */
  readonly number: number;
}

/** A fault, or a limit that was reached: it says nothing of what would have been answered otherwise. */
export function saysNothing({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 500 || status === 429;
}

export function headersNamed(headers: Headers, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** The values of a field that may occur several times, as one list. */
export function header(headers: Headers, name: string): string | undefined {
  const values = headersNamed(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

export function mediaType(answer: Pick<Answer, 'headers'>): string {
  const [type = ''] = (header(answer.headers, 'content-type') ?? '').split(/[;,]/);
  return type.trim().toLowerCase();
}

/** Where a redirect leads; `undefined` where the answer is none, or leads to no address of the web. */
export function redirectTarget(answer: Pick<Answer, 'status' | 'headers' | 'request'>): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const [location] = headersNamed(answer.headers, 'location');
  if (location === undefined || !URL.canParse(location, answer.request.url)) return undefined;
  const target = new URL(location, answer.request.url);
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined;
}
