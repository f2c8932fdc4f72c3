/** The seam to a driver: one statement, and what came of it. The statements themselves are each database's own. */

export type SqlValue = string | number | boolean | null;

/** Columns in the order in which the statement names them: what a driver calls them is the application's choice. */
export type SqlRow = readonly unknown[];

export interface Statement {
  /** Under which the server keeps it prepared; left out where it is not to. */
  readonly name?: string;
  readonly text: string;
}

/** What is made of an answer, where it arrives. `changed`: how many rows were inserted, updated or deleted. */
export type Take<Row, T> = (rows: readonly Row[], changed: number) => T;

/** Sends one statement, in a transaction of its own. The list of values is the driver's from then on. */
export type Send<Row> = <T>(statement: Statement, values: SqlValue[], take: Take<Row, T>) => Promise<T>;

export interface Driver<Answer, Row> {
  query(statement: Statement, values: SqlValue[]): Promise<Answer>;
  open<T>(answer: Answer, take: Take<Row, T>): T;
  /** What to send after this error: the only ones are those of which it is known that nothing has happened. */
  instead(error: unknown, statement: Statement): Statement | undefined;
}

/** How often a statement of which nothing has happened is sent once more. */
const ATTEMPTS = 4;

/** Every request comes by here: what is made of the answer is one step behind the driver's own promise. */
export function linkOver<Answer, Row>(driver: Driver<Answer, Row>): Send<Row> {
  function sent<T>(statement: Statement, values: SqlValue[], take: Take<Row, T>, left: number): Promise<T> {
    const again = (error: unknown): Promise<T> => {
      const next = left > 0 ? driver.instead(error, statement) : undefined;
      if (!next) throw error;
      return sent(next, values, take, left - 1);
    };
    return driver.query(statement, values).then((answer) => driver.open(answer, take), again);
  }
  return (statement, values, take) => sent(statement, values, take, ATTEMPTS - 1);
}

export function firstOf<Row>(rows: readonly Row[]): Row | undefined {
  return rows[0];
}

export function changedIn(_rows: readonly unknown[], changed: number): number {
  return changed;
}

export function nothing(): void {}
