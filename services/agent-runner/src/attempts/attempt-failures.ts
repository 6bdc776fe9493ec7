import { isRevisionConflict } from '@partitura/shared/event-store';
import type { AgentEvent } from '@partitura/shared/events';
import type { StreamSession } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import { released } from '../agents/agent.ts';
import { failed } from '../agents/endings.ts';
import type { AgentState } from '../agents/state.ts';
import type { RunView } from '../runs/run-view.ts';
import type { AgentStreams } from './agent-streams.ts';
import type { AttemptJob } from './assignments.ts';

export interface AttemptFailures {
  /** Lets go of the attempt that is worked at. Answers with the error. */
  letGo(session: StreamSession<AgentState, AgentEvent>, error: unknown): Promise<unknown>;
  /** The attempt is over, and why. */
  record(view: RunView, job: AttemptJob, error: unknown): Promise<void>;
}

/** What is recorded of an attempt whose runner failed. */
export const attemptFailures = (
  runner: string,
  { sessionOf }: Pick<AgentStreams, 'sessionOf'>,
): AttemptFailures => {
  /** A failure of our own is not the agent's: it is let go of, so that the next delivery does not take it for a crash. */
  const letGo: AttemptFailures['letGo'] = async (session, error) => {
    if (isRevisionConflict(error) || session.state().life !== 'working') return error;
    try {
      await session.append([released(runner, 'failed', messageOf(error))]);
    } catch {
      // Then it looks like a crash, which is what a log that cannot be written to is.
    }
    return error;
  };

  const record: AttemptFailures['record'] = async (view, { attemptId, taskId }, error) => {
    const scheduled = view.attempts.get(attemptId);
    const session = await sessionOf(attemptId, view);
    if (!scheduled || session.state().life === 'finished') return;
    const { agentType, model, attempt, reservation } = scheduled;
    const spawned: AgentEvent = {
      type: 'agent.spawned',
      data: { taskId, attempt, agentType, model, runner, allowance: reservation, branch: null },
    };
    const code = error instanceof PartituraError ? error.code : 'RUNNER_FAILED';
    const ending = failed(session.state(), { taskId }, { code, message: messageOf(error) });
    await session.append(session.state().life === 'unborn' ? [spawned, ending] : [ending]);
  };

  return { letGo, record };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
