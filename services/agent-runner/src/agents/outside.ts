import { type KnownPiece, knowledgeText, listFiles } from './materials.ts';
import type { AgentState } from './state.ts';
import type { Workplace } from './workplace.ts';

/**
 * What a question has in it that no event has: how the files stand, what others found out. It is in the log only as the text of the
 * question, from which a replay takes it.
 */
export interface Outside {
  /** The paths of the work tree's files; nothing without one. */
  files(state: AgentState, signal: AbortSignal): Promise<string>;
  diff(state: AgentState, signal: AbortSignal): Promise<string>;
  /** What may help with the task, and the nodes it is from. */
  known(signal: AbortSignal): Promise<{ readonly text: string; readonly nodeIds: readonly string[] }>;
}

export const outside = (
  workplace: Pick<Workplace, 'worktree' | 'diff'>,
  find: (signal: AbortSignal) => Promise<readonly KnownPiece[]>,
): Outside => ({
  files: async (state, signal) => {
    const tree = await workplace.worktree(state, signal);
    return tree ? listFiles(tree.path) : '';
  },
  diff: (state, signal) => workplace.diff(state, signal),
  known: async (signal) => {
    const pieces = await find(signal);
    return { text: knowledgeText(pieces), nodeIds: pieces.map(({ nodeId }) => nodeId) };
  },
});
