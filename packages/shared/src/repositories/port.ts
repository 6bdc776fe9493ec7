/** Who a commit is by. Given explicitly at every commit: the machine's git configuration decides nothing. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
}

/** A repository as it can be worked on: everything was looked at, nothing was changed. */
export interface InspectedRepository {
  /** Canonical: the absolute top-level path of a local repository, or the URL as given. */
  readonly url: string;
  readonly location: 'local' | 'remote';
  readonly baseBranch: string;
  /** Null: there is nothing in it yet. The run makes the base branch. */
  readonly headCommit: string | null;
  readonly bare: boolean;
  /** Uncommitted changes, five files at the most; not part of what a run starts from. */
  readonly uncommitted: readonly string[];
}

export interface InspectionOptions {
  /** Default: the branch that is checked out, or the remote's default branch. */
  readonly baseBranch?: string;
  /** Uncommitted changes are reported instead of refused. */
  readonly allowUncommitted?: boolean;
  /** Absolute paths whose changes do not count: the data directory, the PRD itself. */
  readonly ignore?: readonly string[];
  readonly signal?: AbortSignal;
}
