/** Whether this release can work on the tables that are there. */
export interface TableVersions {
  /** Where they are, and what makes them: for the message. */
  readonly where: string;
  readonly subpath: string;
  /** The version that this release makes. */
  readonly needed: number;
}

/**
 * @param version of the tables
 * @param serves the oldest version whose releases still work on them
 * @throws Error that says what to do
 */
export function refuseVersions(
  version: unknown,
  serves: unknown,
  { where, subpath, needed }: TableVersions,
): void {
  const found = `the tables ${where} are of version ${String(version)}`;
  if (!(Number(version) >= needed)) {
    throw new Error(`${found}, and this release needs ${needed}; call migrate() of ${subpath}`);
  }
  if (Number(serves) > needed) {
    throw new Error(`${found}, and this release knows up to ${needed}; upgrade holdfast`);
  }
}

export function noTables({ where, subpath }: TableVersions, cause?: unknown): Error {
  return new Error(`there are no tables ${where}; call migrate() of ${subpath}`, { cause });
}
