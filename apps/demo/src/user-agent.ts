/**
 * What a User-Agent header says, in words that a person recognises. It is for reading only: the header is whatever
 * its sender likes, and nothing may depend on it.
 */
import Bowser from 'bowser';

export interface Device {
  /** Such as "Firefox on Windows". */
  readonly name: string;
  readonly kind: 'computer' | 'phone' | 'program';
}

/** A program that says its name and nothing else: `curl/8.14.1`, `node`. */
const PROGRAM = /^([a-z][\w.-]{0,30})(?:\/[\w.-]*)?$/i;

export function describeUserAgent(userAgent: string | undefined): Device {
  if (!userAgent) return UNKNOWN;
  const program = PROGRAM.exec(userAgent)?.[1];
  if (program !== undefined) return { name: program, kind: 'program' };
  const { browser, os, platform } = Bowser.parse(userAgent);
  // "Mozilla" is what every browser says, and the parser's answer where there is nothing else.
  const name = browser.name === 'Mozilla' || !browser.name ? undefined : browser.name.replace(/ for .*/, '');
  // An iPhone is what its owner calls it; its system is not.
  const system = platform.vendor === 'Apple' ? (platform.model ?? os.name) : os.name;
  if (!name && !system) return UNKNOWN;
  return {
    name: [name ?? 'Unknown browser', system].filter((part) => part !== undefined).join(' on '),
    kind: platform.type === 'mobile' || platform.type === 'tablet' ? 'phone' : 'computer',
  };
}

const UNKNOWN: Device = { name: 'Unknown client', kind: 'program' };
