/**
 * What a User-Agent header says, in words that a person recognises. It is for reading only: the header is whatever
 * its sender likes, and nothing may depend on it.
 */

export interface Device {
  /** Such as "Firefox on Windows". */
  readonly name: string;
  readonly kind: 'computer' | 'phone' | 'program';
}

type Rule = readonly [pattern: RegExp, name: string];

/** The more special first: Edge says that it is Chrome, and Chrome says that it is Safari. */
const BROWSERS: readonly Rule[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Headless Chrome'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
];

const PROGRAMS: readonly Rule[] = [
  [/^curl\//, 'curl'],
  [/^Wget\//, 'Wget'],
  [/^(?:node|undici)$/, 'Node.js'],
  [/^python-requests\//, 'Python'],
];

const SYSTEMS: readonly (readonly [...Rule, kind: Device['kind']])[] = [
  [/\biPhone\b/, 'iPhone', 'phone'],
  [/\biPad\b/, 'iPad', 'phone'],
  [/\bAndroid\b/, 'Android', 'phone'],
  [/\bWindows NT\b/, 'Windows', 'computer'],
  [/\bCrOS\b/, 'ChromeOS', 'computer'],
  [/\bMac OS X\b/, 'macOS', 'computer'],
  [/\bLinux\b/, 'Linux', 'computer'],
];

export function describeUserAgent(userAgent: string | undefined): Device {
  if (!userAgent) return { name: 'Unknown client', kind: 'program' };
  const program = PROGRAMS.find(([pattern]) => pattern.test(userAgent));
  if (program) return { name: program[1], kind: 'program' };
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent));
  if (!browser && !system) return { name: 'Unknown client', kind: 'program' };
  const name = [browser ?? 'Unknown browser', system?.[1]].filter((part) => part !== undefined).join(' on ');
  return { name, kind: system?.[2] ?? 'computer' };
}
