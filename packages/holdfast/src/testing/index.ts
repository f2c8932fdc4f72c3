export { type ManualClock, manualClock } from './clock.ts';
export type { ContractCase, OpenedStore, StoreHarness } from './contract/harness.ts';
export { storeContract } from './contract.ts';
export { cookieHeader } from './cookies.ts';
export { type FaultyStore, faultyStore, type StoreCall } from './faulty-store.ts';
export { type Faults, type HistoriesHarness, type OpenedForHistories, storeHistories } from './histories.ts';
export { type SignedInAs, signedInCookie } from './signed-in-cookie.ts';
export { type ManualTimer, manualTimer } from './timer.ts';
