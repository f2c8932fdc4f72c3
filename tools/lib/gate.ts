import { workspace } from './workspace.ts';

export interface Report {
  /** Each a sentence that says what is wrong and where. None: the gate is passed. */
  problems: string[];
  /** Worth reading when all is well: sizes, counts. */
  notes?: string[];
}

export interface Gate {
  /** Judges the workspace at `root`; a test hands it a bad one. */
  check(root: string): Promise<Report>;
  /** Writes the file that `check` compares, for gates that have one. */
  write?(root: string): Promise<void>;
}

/** The report of a gate; a gate that breaks has not been passed. */
export async function reportOf(gate: Gate, root: string): Promise<Report> {
  try {
    return await gate.check(root);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Runs a gate from the command line. Returns the exit code. */
export async function runGate(gate: Gate, args: readonly string[]): Promise<number> {
  if (args.includes('--write')) {
    if (gate.write === undefined) {
      console.error('This gate has nothing to write.');
      return 2;
    }
    await gate.write(workspace);
  }
  const { problems, notes = [] } = await reportOf(gate, workspace);
  for (const note of notes) console.log(`  ${note}`);
  for (const problem of problems) console.error(`  ✗ ${problem}`);
  return problems.length === 0 ? 0 : 1;
}
