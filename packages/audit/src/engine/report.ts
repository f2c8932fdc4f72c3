/** The outcome of an audit, as a value: every report is made from this, and `--json` writes it. */
import type { Exchange } from '../http/transcript.ts';
import type { About, Because, Control, Finding, Outcome, Severity } from './check.ts';
import type { Step } from './context.ts';

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome['outcome'];
  /** The worst of what was found; for others, what it would have been. */
  readonly severity: Severity;
  readonly requirements: readonly string[];
  readonly summary: string;
  readonly because?: Because;
  readonly findings: readonly ReportedFinding[];
  readonly about: About;
  /** How to fix it with what the site is made with; absent where that is not known. */
  readonly fixHere?: string;
  readonly evidence: { readonly steps: readonly Step[]; readonly controls: readonly Control[] };
  readonly requests: number;
}

export interface ReportedFinding extends Finding {
  readonly severity: Severity;
  /** The same for the same flaw in every run: what a baseline names. */
  readonly fingerprint: string;
  /** Named in the baseline: known, and accepted. */
  readonly isAccepted: boolean;
}

export interface Report {
  readonly format: 'holdfast-audit/1';
  readonly target: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly requests: number;
  /** Absent where nobody signed in. */
  readonly signIn?: {
    readonly user: string;
    /** Of the second account; absent where nothing took it, and where signing in with it did not work. */
    readonly secondUser?: string;
    /** The same, where signing in with it did not work. */
    readonly secondUserFailed?: string;
    readonly page?: string;
    /** How one tells that one is signed in. */
    readonly test: string;
    readonly proofs: readonly (readonly string[])[];
  };
  /** What the site seems to keep its sessions with. Absent where it could not be recognised. */
  readonly recognised?: {
    readonly id: string;
    readonly name: string;
    /** What its token holds. */
    readonly session: string;
    readonly because: readonly string[];
  };
  /** What kept the audit from signing in, or ended it early. */
  readonly stopped?: string;
  readonly profile?: string;
  /** The last lines that the target wrote, where it was started here and something went wrong. */
  readonly targetOutput?: readonly string[];
  readonly checks: readonly CheckResult[];
  /** Every request that a check refers to, masked. */
  readonly exchanges: readonly Exchange[];
}
