import { asProjectId, asRunId, type MergeEvent, type Problem, streamName } from '@partitura/shared/events';
import type { CommandHandler } from '@partitura/shared/processing';
import { type Clock, type Ids, PartituraError } from '@partitura/shared/runtime';
import type { RunView } from '../runs/run-view.ts';
import type { MergeCommand, MergeQueue, Settlement, Submission } from './queue.ts';

export interface MergeClaimsDependencies {
  readonly merges: CommandHandler<MergeQueue, MergeCommand, MergeEvent>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly runner: string;
}

export interface MergeClaim {
  readonly id: string;
  readonly submission: Submission;
}

/** Who merges into a run's branch is what `merge-<run>` says, on however many machines branches wait for it. */
export interface MergeClaims {
  /** `busy` while another branch of the run is being merged, `over` when this one is settled. */
  take(view: RunView, attemptId: string): Promise<MergeClaim | 'busy' | 'over'>;
  /** To be asked before the run's branch is moved. @throws {PartituraError} MERGE_TAKEN_OVER */
  require(view: RunView, claim: MergeClaim): Promise<void>;
  /** @throws {PartituraError} MERGE_TAKEN_OVER when another runner has it: its word counts */
  settle(view: RunView, settlement: Settlement): Promise<void>;
  /** Whether the merge that has just ended was one of this process. Asked once for each: it is forgotten then. */
  wasOwn(attemptId: string): boolean;
  /** Others may come first. */
  interrupt(view: RunView, claim: MergeClaim, problem: Problem): Promise<void>;
}

const takenOver = (attemptId: string): PartituraError =>
  new PartituraError('MERGE_TAKEN_OVER', `Another runner merges the branch of ${attemptId}.`);

export const isTakenOver = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'MERGE_TAKEN_OVER';

export const mergeClaims = ({ merges, clock, ids, runner }: MergeClaimsDependencies): MergeClaims => {
  const handle = async (view: RunView, commandId: string, command: MergeCommand) => {
    const { events } = await merges.handle(streamName('merge', view.runId), {
      command,
      commandId,
      at: clock.now(),
      metadata: {
        source: '/agent-runner',
        actor: 'service:agent-runner',
        correlationId: view.runId,
        causationId: null,
        ...view.owner,
        projectId: asProjectId(view.projectId),
        runId: asRunId(view.runId),
      },
    });
    return events;
  };
  const own = new Set<string>();
  const lose = (attemptId: string): PartituraError => {
    own.delete(attemptId);
    return takenOver(attemptId);
  };
  const read = async (view: RunView): Promise<MergeQueue> =>
    (await merges.read(streamName('merge', view.runId))).state;

  return {
    take: async (view, attemptId) => {
      const claim = ids.next('m');
      const started = await handle(view, `merge:${claim}:start`, { kind: 'start', attemptId, runner, claim });
      const { waiting } = await read(view);
      const submission = waiting.get(attemptId);
      if (submission === undefined) return 'over';
      if (started.length === 0) return 'busy';
      own.add(attemptId);
      return { id: claim, submission };
    },
    require: async (view, { id, submission }) => {
      // The state may be an old one in memory; a command on it finds that out.
      await handle(view, `merge:${ids.next('m')}:look`, { kind: 'look' });
      if ((await read(view)).current?.claim !== id) throw lose(submission.attemptId);
    },
    settle: async (view, settlement) => {
      const { attemptId, claim, kind } = settlement;
      const settled = await handle(view, `merge:${claim ?? attemptId}:${kind}`, settlement);
      if (settled.length === 0) throw lose(attemptId);
    },
    wasOwn: (attemptId) => own.delete(attemptId),
    interrupt: async (view, { id, submission }, problem) => {
      const { attemptId } = submission;
      own.delete(attemptId);
      await handle(view, `merge:${id}:interrupt`, { kind: 'interrupt', attemptId, claim: id, problem });
    },
  };
};
