/** Where a server is, as addresses in `HOLDFAST_STORE` say it. */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[::1]:port` or the host alone. Returns undefined for anything else. */
export function parseAddress(text: string, defaultPort: number): Address | undefined {
  const [, name, bracketed, port = defaultPort] =
    /^(?:([\w.-]+)|\[([\da-f:.]+)\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = name ?? bracketed;
  return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined;
}

export function showAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
