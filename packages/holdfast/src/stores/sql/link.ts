/** The seam to a driver: one statement, and what came of it. The statements themselves are each database's own. */

export type SqlValue = string | number | boolean | null;

/** Columns in the order in which the statement names them: what a driver calls them is the application's choice. */
export type SqlRow = readonly unknown[];

export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** How many rows were inserted, updated or deleted. */
  readonly changed: number;
}

export interface Statement {
  /** Under which the server keeps it prepared. */
  readonly name: string;
  readonly text: string;
}

/** Sends one statement, in a transaction of its own. */
export type Send = (statement: Statement, values: readonly SqlValue[]) => Promise<SqlResult>;

/** How often a statement that was rolled back is sent once more. */
const ATTEMPTS = 4;

/**
 * Where the server has chosen a statement as the victim of a deadlock, or could not order it among others, nothing of it has
 * happened, and it may be sent again: the only errors of which that is known.
 */
export function sentAgain(send: Send, isRolledBack: (error: unknown) => boolean): Send {
  function attempt(statement: Statement, values: readonly SqlValue[], left: number): Promise<SqlResult> {
    return send(statement, values).catch((error: unknown) => {
      if (left === 0 || !isRolledBack(error)) throw error;
      return attempt(statement, values, left - 1);
    });
  }
  return (statement, values) => attempt(statement, values, ATTEMPTS - 1);
}
