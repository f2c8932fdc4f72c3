/** The tables of the SQLite store, as a list of migrations. An entry that has been released is never edited. */

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE holdfast_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    -- The record as a JSON list (record-json.ts); hashes of tokens, never tokens.
    record TEXT NOT NULL,
    -- Milliseconds since the epoch. Changed only by what moves the absolute deadline, so that a touch moves no index.
    forget_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX holdfast_sessions_forget_at ON holdfast_sessions (forget_at);

  CREATE TABLE holdfast_indexes (
    name TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE holdfast_index_members (
    name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    admitted_at INTEGER NOT NULL,
    PRIMARY KEY (name, session_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
