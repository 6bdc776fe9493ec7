import type { CommitIdentity } from '@partitura/shared/repositories';
import type { ProjectRepository, Worktree } from '../workspaces/port.ts';

export interface MergeRequest {
  readonly repository: ProjectRepository;
  readonly runId: string;
  readonly runBranch: string;
  /** The finished branch, and the commit it was submitted at: later commits on it are not merged. */
  readonly branch: string;
  readonly commit: string;
  readonly message: string;
  readonly identity: CommitIdentity;
}

export type BranchMerge =
  /** Merged in the merge work tree only: the run's branch moves with `accept`, and stays where it is with `reject`. */
  | {
      readonly outcome: 'merged';
      readonly commit: string;
      readonly previous: string;
      readonly worktree: Worktree;
      /** The run's branch had nothing that the submitted commit had not: the merge has the very files of that commit. */
      readonly sameFiles: boolean;
    }
  | { readonly outcome: 'conflicted'; readonly files: readonly string[] }
  /** In the run's branch since an earlier try (whose end nobody recorded); `commit` is the merge that brought it in. */
  | { readonly outcome: 'already_merged'; readonly commit: string };

export interface BranchMerging {
  /** Always `--no-ff`. One merge per run at a time: the caller's queue sees to it, and a second one waits here. */
  mergeBranch(request: MergeRequest, signal: AbortSignal): Promise<BranchMerge>;
  /**
   * Moves the run's branch to the merge and pushes it, forward only.
   * @throws {PartituraError} RUN_BRANCH_MOVED when somebody pushed to it meanwhile: merge again from there.
   */
  accept(
    request: MergeRequest,
    merge: Extract<BranchMerge, { outcome: 'merged' }>,
    signal: AbortSignal,
  ): Promise<void>;
  /** The checks failed: the merge is thrown away, the run's branch is as it was. */
  reject(
    request: MergeRequest,
    merge: Extract<BranchMerge, { outcome: 'merged' }>,
    signal: AbortSignal,
  ): Promise<void>;
}
