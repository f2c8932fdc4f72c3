/**
 * Switches that take one defence away at a time, so that people and auditors can see what each is for: `npm start --
 * --without logout`. All of it stands around the application and the library, and none of it in them.
 */
import type { RequestHandler } from 'express';
import type { SessionOptions, SessionStore } from 'holdfast';
import { banner } from './banner.ts';
import type { Flaw, Services } from './flaw.ts';
import { headerFlaws } from './headers.ts';
import { lifetimeFlaws } from './lifetimes.ts';
import { recordFlaws } from './records.ts';
import { serviceFlaws } from './services.ts';

const ALL = { ...recordFlaws, ...lifetimeFlaws, ...headerFlaws, ...serviceFlaws };

export type FlawName = keyof typeof ALL;

export const FLAWS: Readonly<Record<FlawName, Flaw>> = ALL;

export function isFlawName(name: string): name is FlawName {
  return Object.hasOwn(FLAWS, name);
}

/** What the chosen flaws make of the application's parts. */
export interface Flawed {
  options(options: SessionOptions): SessionOptions;
  services(services: Services): Services;
  /** In front of everything else. */
  readonly exchanges: readonly RequestHandler[];
  readonly proofLasts: number | undefined;
}

export function flawed(names: readonly FlawName[]): Flawed {
  const flaws = names.map((name) => FLAWS[name]);
  const store = (whole: SessionStore): SessionStore =>
    flaws.reduce((inner, flaw) => flaw.store?.(inner) ?? inner, whole);
  return {
    options: (options) =>
      flaws.reduce((all, flaw) => ({ ...all, ...flaw.options?.(all) }), {
        ...options,
        store: store(options.store),
      }),
    services: (services) => flaws.reduce((inner, flaw) => flaw.services?.(inner) ?? inner, services),
    exchanges: [
      ...flaws.flatMap(({ exchange }) => exchange ?? []),
      ...(names.length > 0 ? [banner(names.map((name) => `${name}: ${FLAWS[name].says}`))] : []),
    ],
    proofLasts: flaws.find(({ proofLasts }) => proofLasts !== undefined)?.proofLasts,
  };
}
