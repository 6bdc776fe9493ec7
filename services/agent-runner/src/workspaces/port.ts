import type { CommitIdentity } from '@partitura/shared/repositories';

/** The runner's own bare clone of a project's repository. */
export interface ProjectRepository {
  readonly projectId: string;
  /** Where the project's repository is: whatever git can fetch from and push to. */
  readonly url: string;
  /** Absolute path of the bare clone. */
  readonly path: string;
  /** Brings in what came with runs of the project that were imported: what they began from may be nowhere else. */
  readonly bringImported?: (signal: AbortSignal) => Promise<void>;
}

/** One attempt's work tree, on the attempt's own branch. */
export interface Worktree {
  readonly attemptId: string;
  /** Absolute path of the work tree. */
  readonly path: string;
  /** Absolute path of the work tree's own git directory, inside the bare clone: git is always told of it explicitly. */
  readonly gitDirectory: string;
  readonly branch: string;
  /** The commit that the work started from. */
  readonly baseCommit: string;
  readonly repository: ProjectRepository;
}

export interface Checkpoint {
  readonly commit: string;
  readonly filesChanged: number;
  readonly insertions: number;
  readonly deletions: number;
}

export interface Workspaces {
  /**
   * Opens the runner's clone, making it the first time. Concurrent openers share one clone.
   * Nothing is fetched before it is needed.
   * @throws {PartituraError} GIT_NOT_INSTALLED
   */
  openProjectRepository(projectId: string, url: string, signal: AbortSignal): Promise<ProjectRepository>;

  /**
   * The run's branch, made at the base branch's head and pushed; as it is, here or at the project's repository, when it exists.
   * @throws {PartituraError} BASE_BRANCH_NOT_FOUND, BRANCH_DIVERGED, COMMIT_NOT_FOUND, REPOSITORY_NOT_FOUND, REPOSITORY_UNAUTHORIZED,
   * REPOSITORY_UNREACHABLE, and as `pushBranch`
   */
  createRunBranch(
    repository: ProjectRepository,
    branch: {
      readonly runBranch: string;
      readonly baseBranch: string;
      /** Where it begins in place of the base branch’s head. */
      readonly commit?: string | null;
    },
    signal: AbortSignal,
  ): Promise<{ readonly commit: string }>;

  /**
   * The attempt's work tree: new at `from` (a branch or commit), or as the attempt left it, here or (its pushed checkpoints)
   * on another machine. Asking again is harmless; a half-made one is made anew. The attempt is held until
   * `releaseWorktree` or `removeWorktree`: what is held is never collected.
   */
  openWorktree(
    repository: ProjectRepository,
    attempt: {
      readonly attemptId: string;
      readonly branch: string;
      readonly from: string;
      /** Where a commit that is not here can be had; another machine started from it. */
      readonly within?: string;
    },
    signal: AbortSignal,
  ): Promise<Worktree>;

  /** Whether whoever had the attempt before this claim had it in this very work tree, so that all the log says is in it. */
  isAsLeft(worktree: Worktree, claim: number): Promise<boolean>;

  /** From here on the work tree stands for this claim. To be said when the claim is in the log, and the tree is as the log says. */
  markClaim(worktree: Worktree, claim: number): Promise<void>;

  /**
   * The work tree as it was at a checkpoint, or at the base commit, and nothing else in it: not what this machine had in it before
   * another one took the attempt over.
   * @throws {PartituraError} BRANCH_NOT_FOUND when the commit is gone from the project's repository
   */
  restoreWorktree(
    worktree: Worktree,
    to: { readonly commit: string; readonly baseCommit: string },
    signal: AbortSignal,
  ): Promise<Worktree>;

  /**
   * Commits all there is. Null when the tree is as it was at `since` (the last recorded checkpoint, or the base commit). When the
   * commit was made before but nobody got to record it, that commit is answered.
   */
  checkpoint(
    worktree: Worktree,
    details: { readonly message: string; readonly identity: CommitIdentity; readonly since: string },
    signal: AbortSignal,
  ): Promise<Checkpoint | null>;

  /** The work tree's last commit. */
  head(worktree: Worktree, signal: AbortSignal): Promise<string>;

  /** What the attempt changed since `since` (its base when left out), committed or not, as a unified diff of at most `maxBytes`. */
  diff(
    worktree: Worktree,
    options: { readonly since?: string; readonly maxBytes: number },
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly truncated: boolean; readonly files: readonly string[] }>;

  /**
   * Pushes a branch of the clone to the project's repository, forward only.
   * @throws {PartituraError} PUSH_REJECTED when somebody else moved that branch, BRANCH_CHECKED_OUT, PUSH_REFUSED
   */
  pushBranch(repository: ProjectRepository, branch: string, signal: AbortSignal): Promise<void>;

  /**
   * Pushes an attempt's branch. A runner that was taken for dead may have pushed to it before it knew: what it left on top of
   * `since`, the last recorded checkpoint, is nobody's and is replaced, if it is of this very attempt. Call it only while the
   * attempt is yours.
   * @throws {PartituraError} as `pushBranch`
   */
  pushAttempt(worktree: Worktree, since: string, signal: AbortSignal): Promise<void>;

  /** Whether the attempt's work tree is here and has nothing in it but what is committed: no ignored files either. */
  hasOnlyCommitted(
    repository: ProjectRepository,
    attempt: { readonly attemptId: string; readonly branch: string },
    signal: AbortSignal,
  ): Promise<boolean>;

  /** Whether this machine has files of the attempt. */
  hasWorktree(attemptId: string): Promise<boolean>;

  /**
   * Removes the work tree of an attempt whose branch another machine merged, and this clone's own names for the branch.
   * @throws {PartituraError} as `removeWorktree`
   */
  discardWorktree(worktree: Worktree, signal: AbortSignal): Promise<void>;

  /** Removes branches from the project's repository and from the clone, those only that are in `target` as a whole. */
  removeMergedBranches(
    repository: ProjectRepository,
    branches: readonly string[],
    target: string,
    signal: AbortSignal,
  ): Promise<void>;

  /** The attempt is over or handed on; its work tree may be collected later. */
  releaseWorktree(attemptId: string): void;

  /**
   * Removes the work tree; its branch stays.
   * @throws {PartituraError} WORKTREE_HAS_UNMERGED_WORK when it has changes or commits that are nowhere else
   */
  removeWorktree(worktree: Worktree, signal: AbortSignal): Promise<void>;

  /**
   * Removes what crashed processes left: half-made work trees, and whole ones whose work is merged or pushed. Work trees of held
   * attempts and of those that `isLive` names are left alone, and so is whatever has work that is nowhere else.
   */
  collectLeftovers(
    repository: ProjectRepository,
    isLive: (attemptId: string) => boolean,
    signal: AbortSignal,
  ): Promise<{ readonly removed: readonly string[]; readonly kept: readonly string[] }>;
}
