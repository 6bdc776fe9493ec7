import type { CallContext } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { causeOf } from '../operations/cause.ts';
import { reopening } from '../operations/reopening.ts';
import { isReopenable, mayGoOn, tasksOfAttempts } from '../runs/rejections.ts';
import type { UntimedRunCommand } from '../runs/run-handler.ts';
import { isEnded } from '../runs/state.ts';
import { causedBy, source } from './context.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';

type Retracted = Happened<'knowledge.node_retracted'>;

const runIdOf = (attemptId: string): string => attemptId.split('.')[0] ?? '';

/** As whom the orchestrator acts: the same event again gives the same command id for each run. */
const contextOf = (event: Retracted, runId: string): CallContext => ({
  actor: 'service:orchestrator',
  organizationId: null,
  correlationId: event.metadata.correlationId,
  commandId: `${causedBy(event).commandId}${runId}`,
  expectedRevision: null,
});

/** There is nothing to pay with any more. */
const isWithoutMoney = (error: unknown): boolean =>
  error instanceof PartituraError &&
  (error.code === 'BUDGET_EXHAUSTED' || error.code === 'PROJECT_NOT_FOUND');

/**
 * What a run built upon something that is not to be relied on is done again. A run that is over is opened for that, if its project
 * has the money: what it has not spent was given back. Without, those tasks wait for an operator, who sees them in the dead letters.
 */
const redoIn = async (
  runId: string,
  attemptIds: readonly string[],
  event: Retracted,
  { runs, projects, clock }: ReactionDependencies,
): Promise<void> => {
  const { nodeId, reason, redo } = event.data;
  const { state: run } = await runs.read(runId, { fresh: true });
  // A project's knowledge says nothing of another's runs.
  if (run === null || run.projectId !== event.stream.slice('knowledge-'.length)) return;
  if ((isEnded(run) && !isReopenable(run)) || tasksOfAttempts(run, attemptIds).length === 0) return;
  const context = contextOf(event, runId);
  const { metadata } = causeOf(context, { runId, projectId: run.projectId, owner: run.owner });
  const cause = { commandId: context.commandId, metadata: { ...metadata, source, causationId: event.id } };
  const tell = (again: boolean) => {
    const command: UntimedRunCommand = {
      kind: 'redo_attempts',
      attemptIds,
      reason,
      because: nodeId,
      distrusted: redo?.nodeIds ?? [nodeId],
      redo: again,
    };
    return runs.handle(runId, command, cause);
  };
  if (!mayGoOn(run, clock.now())) {
    await tell(false);
    return;
  }
  try {
    await reopening(projects, clock)(run, context, () => tell(true));
  } catch (error) {
    if (!isWithoutMoney(error)) throw error;
    await tell(false);
  }
};

/** Knowledge commands nobody: it says what it wishes, and each run decides. */
export const knowledgeReactions: Reactions<'knowledge.node_retracted'> = {
  'knowledge.node_retracted': async (event, dependencies) => {
    for (const [runId, attemptIds] of Map.groupBy(event.data.redo?.agentIds ?? [], runIdOf))
      await redoIn(runId, attemptIds, event, dependencies);
  },
};
