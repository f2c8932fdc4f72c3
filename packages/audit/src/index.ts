/** The library of the auditor: `audit` runs it, the reports say what it found. */
export { audit, type AuditOptions } from './audit.ts';
export { checks } from './checks/index.ts';
export type { Clock } from './clock.ts';
export { AuditError, type AuditErrorCode } from './errors.ts';
export type {
  About,
  Because,
  Check,
  Control,
  Finding,
  Outcome,
  Permission,
  Severity,
} from './engine/check.ts';
export type { CheckContext, Step } from './engine/context.ts';
export type { CheckResult, Report, ReportedFinding } from './engine/report.ts';
export type { Progress } from './engine/scheduler.ts';
export type { Limits } from './http/limits.ts';
export type { Exchange } from './http/transcript.ts';
export { readRecipe } from './recipe/read.ts';
export type { Recipe } from './recipe/recipe.ts';
export type { Account } from './site/account.ts';
export { baselineOf, type Baseline, readBaseline, withBaseline } from './report/baseline.ts';
export { htmlReport } from './report/html.ts';
export { junitReport } from './report/junit.ts';
export { markdownReport } from './report/markdown.ts';
export { sarifReport } from './report/sarif.ts';
export { terminalReport } from './report/terminal.ts';
export {
  checksOf,
  isProfile,
  type ProfileName,
  PROFILES,
  TIMEOUTS,
  type Timeout,
  type Timeouts,
} from './profiles.ts';
export { type StartedTarget, type StartOptions, startTarget } from './start/target.ts';
export { type TimeControl, waitingTime } from './time/control.ts';
