import type { AgentEvent, CheckResult } from '@partitura/shared/events';
import type { CommitIdentity } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { type RunningChecks, runChecks } from '../checks/index.ts';
import { bringTogether, type ConflictingWork, markersLeft } from '../merging/bring-together.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { ToolResult } from '../tools/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import type { Assignment } from './assignment.ts';
import type { Contents } from './contents.ts';
import type { AgentState, ToolUse } from './state.ts';

/** What an agent works in, and how its work is kept and checked. */
export interface Workplace {
  prepare(
    state: AgentState,
    signal: AbortSignal,
  ): Promise<Extract<AgentEvent, { type: 'agent.workspace_prepared' }>['data']>;
  /** As it was left, opened again after a restart. Null where there is none. */
  worktree(state: AgentState, signal: AbortSignal): Promise<Worktree | null>;
  commit(
    state: AgentState,
    signal: AbortSignal,
  ): Promise<Extract<AgentEvent, { type: 'agent.checkpoint_committed' }>['data'] | null>;
  check(state: AgentState, signal: AbortSignal): Promise<readonly CheckResult[]>;
  diff(state: AgentState, signal: AbortSignal): Promise<string>;
  /** The attempt is over or handed on. */
  leave(): void;
}

export interface WorkplaceDependencies extends RunningChecks {
  readonly contents: Contents;
  readonly workspaces: Workspaces | null;
  readonly sandbox: Sandbox | null;
  readonly identity: CommitIdentity;
  /** What the task is to bring together with the run's branch; null for all other tasks. */
  readonly conflict: ConflictingWork | null;
  /** Does once more what was done in a work tree that is not here. */
  readonly redo: (use: ToolUse, worktree: Worktree, signal: AbortSignal) => Promise<ToolResult>;
  /** Something that the agent has to know, under an id that it is told once by. */
  readonly tell: (text: string, id: string) => void;
  /** @throws {ConcurrencyError} when somebody else has the attempt: nothing may be pushed then */
  readonly requireClaim: () => Promise<void>;
}

const mostDiffBytes = 60_000;

export const workplace = (assignment: Assignment, dependencies: WorkplaceDependencies): Workplace => {
  const { workspaces, sandbox, contents, conflict } = dependencies;
  let opened: Promise<Worktree> | null = null;
  let marked: number | null = null;

  const open = async (state: AgentState, signal: AbortSignal): Promise<Worktree> => {
    const { repository, runBranch, startingCommit, projectId, attemptId } = assignment;
    if (repository === null || runBranch === null || workspaces === null) {
      throw new PartituraError(
        'NO_REPOSITORY',
        `Task ${assignment.taskId} needs a work tree, and its run has no repository.`,
      );
    }
    const clone = await workspaces.openProjectRepository(projectId, repository.url, signal);
    const branches = { runBranch, baseBranch: repository.baseBranch, commit: startingCommit };
    await workspaces.createRunBranch(clone, branches, signal);
    const from = state.workspace?.baseCommit ?? runBranch;
    const tree = await workspaces.openWorktree(
      clone,
      { attemptId, branch: branchOf(attemptId), from, within: runBranch },
      signal,
    );
    const { workspace, claims } = state;
    const whole =
      workspace === null || (await workspaces.isAsLeft(tree, claims))
        ? tree
        : await restored(workspaces, tree, { ...state, workspace }, signal);
    if (conflict !== null && workspace === null)
      await bringTogether(whole, conflict, dependencies.identity, signal);
    return whole;
  };

  /** As the log says that it was: from the last checkpoint on, what changed files is done again. */
  const restored = async (
    spaces: Workspaces,
    tree: Worktree,
    state: AgentState & { readonly workspace: NonNullable<AgentState['workspace']> },
    signal: AbortSignal,
  ): Promise<Worktree> => {
    const { baseCommit } = state.workspace;
    const commit = state.commit ?? baseCommit;
    const whole = await spaces.restoreWorktree(tree, { commit, baseCommit }, signal);
    if (conflict !== null && state.commit === null)
      await bringTogether(whole, conflict, dependencies.identity, signal);
    const different: string[] = [];
    for (const use of state.uncommitted) {
      const { outcome, text } = await dependencies.redo(use, whole, signal);
      if (outcome !== use.outcome) different.push(`${use.tool}: ${text.slice(0, 500)}`);
    }
    if (different.length > 0)
      dependencies.tell(notReproduced(different), `${assignment.attemptId}.restored.${state.claims}`);
    return whole;
  };

  const worktree = async (state: AgentState, signal: AbortSignal): Promise<Worktree> => {
    opened ??= open(state, signal).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    const tree = await opened;
    if (marked !== state.claims) await workspaces?.markClaim(tree, state.claims);
    marked = state.claims;
    return tree;
  };

  return {
    prepare: async (state, signal) => {
      const { branch, baseCommit } = await worktree(state, signal);
      return { branch, baseCommit, sandbox: sandbox?.name ?? 'none to be had: no commands' };
    },
    worktree: async (state, signal) => (assignment.repository === null ? null : worktree(state, signal)),
    commit: async (state, signal) => {
      const tree = await worktree(state, signal);
      if (workspaces === null) return null;
      const since = state.commit ?? tree.baseCommit;
      const details = { message: commitMessage(assignment, state), identity: dependencies.identity, since };
      const checkpoint = await workspaces.checkpoint(tree, details, signal);
      // Pushed again after a crash between the commit and its record: a push of what is there changes nothing.
      if (checkpoint) {
        await dependencies.requireClaim();
        await workspaces.pushAttempt(tree, since, signal);
      }
      return checkpoint;
    },
    check: async (state, signal) => {
      const tree = await worktree(state, signal);
      const own = await runChecks(dependencies, tree, sandbox, signal);
      if (conflict === null) return own;
      const left = await markersLeft(tree, conflict.files);
      return [{ ...left, output: await contents.keepOutput(left.output) }, ...own];
    },
    diff: async (state, signal) => {
      if (assignment.repository === null || workspaces === null) return '';
      const tree = await worktree(state, signal);
      const since =
        assignment.mode === 'review'
          ? { since: `refs/remotes/origin/${assignment.repository.baseBranch}` }
          : {};
      const { text, truncated } = await workspaces.diff(tree, { ...since, maxBytes: mostDiffBytes }, signal);
      return truncated ? `${text}\n[… the rest left out]` : text;
    },
    leave: () => {
      if (assignment.repository !== null) workspaces?.releaseWorktree(assignment.attemptId);
    },
  };
};

/** Not below `partitura/`: git cannot have the branches `a` and `a/b` at the same time. */
export const branchOf = (attemptId: string): string => `partitura-task/${attemptId}`;

const notReproduced = (different: readonly string[]): string =>
  `The machine with your work tree is gone. Your changes since the last commit were made again from what is recorded of them, but these came out differently:\n${different.join('\n')}\nLook at the files before you go on.`;

const commitMessage = ({ task, taskId, attemptId, runId }: Assignment, state: AgentState): string => {
  const trailers = [
    `Partitura-Task: ${taskId}`,
    `Partitura-Attempt: ${attemptId}`,
    `Partitura-Run: ${runId}`,
    `Partitura-Cycle: ${state.cycle}`,
    ...(task.requirementIds.length > 0 ? [`Partitura-Requirements: ${task.requirementIds.join(', ')}`] : []),
  ];
  return `${task.key}: ${task.title}\n\n${trailers.join('\n')}\n`;
};
