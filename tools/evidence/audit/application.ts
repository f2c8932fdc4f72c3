/** An application of somebody else that is audited as it installs. */
export interface Application {
  readonly name: string;
  /** The name of its section in the document, in which everything else is written by hand. */
  readonly id: string;
  /** As a recipe file would say it. */
  readonly recipe: string;
  readonly allow?: readonly ('password-change' | 'state-change')[];
  /** Where the audit begins, below the address. Default: `/`. */
  readonly path?: string;
  /** Installs it into a new folder, and says how it is started. */
  prepare(folder: string, port: number): Promise<Prepared>;
}

export interface Prepared {
  readonly version: string;
  /** For the shell; the audit starts and ends it, and moves its clock. */
  readonly command: string;
  /** Ends what else was started for it. */
  stop?(): Promise<void>;
}

export const USER = 'ada';
export const PASSWORD = 'correct horse battery staple';
