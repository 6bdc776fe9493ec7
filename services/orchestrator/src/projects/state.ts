import type { Amount, Budget, DocumentReference, Ownership, Repository } from '@partitura/shared/events';

export interface Ending extends Amount {
  readonly status: string;
}

export interface Project {
  readonly id: string;
  readonly owner: Ownership;
  name: string;
  prd: DocumentReference;
  prdRevision: number;
  readonly repository: Repository;
  stack: readonly string[];
  constraints: readonly string[];
  successCriteria: readonly string[];
  budget: Budget | null;
  workflow: string;
  archived: boolean;
  /** Not found any more; what its runs still spent is counted all the same. */
  removed: boolean;
  /** Runs that have not ended, with what is set aside for each; null where nothing limits it. */
  readonly live: Map<string, Amount | null>;
  /** Every run that was ever asked for: the same request again starts nothing. */
  readonly requested: Set<string>;
  /** The phase that each run was last noted in. */
  readonly phases: Map<string, string>;
  /** Runs that ended, how, and what each spent. One that is opened again ends again, with more. */
  readonly ended: Map<string, Ending>;
  /** By all runs that ended. */
  spent: Amount;
}

export type ProjectState = Project | null;

/** Shares what no event changes. */
export const copyProject = (project: ProjectState): ProjectState =>
  project && {
    ...project,
    live: new Map(project.live),
    requested: new Set(project.requested),
    phases: new Map(project.phases),
    ended: new Map(project.ended),
  };
