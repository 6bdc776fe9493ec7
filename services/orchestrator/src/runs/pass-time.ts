import { asProjectId, asRunId } from '@partitura/shared/events';
import type { Clock } from '@partitura/shared/runtime';
import { source } from '../reactors/context.ts';
import type { RunHandler } from './run-handler.ts';
import { isEnded, type Run } from './state.ts';

/**
 * Tells a run that time has passed. Two at once are harmless: what is done about a timer takes it away. `watch` sets the next one also
 * when there was nothing to do: what the alarm was set for may have been over, and something later not.
 */
export const passTime = async (
  runs: RunHandler,
  runId: string,
  clock: Clock,
  watch: (run: Run) => void,
): Promise<void> => {
  const { state, revision } = await runs.read(runId, { fresh: true });
  if (state === null || isEnded(state)) return;
  const metadata = {
    source,
    actor: 'service:orchestrator',
    correlationId: runId,
    causationId: null,
    ...state.owner,
    projectId: asProjectId(state.projectId),
    runId: asRunId(runId),
  };
  await runs.handle(
    runId,
    { kind: 'pass_time' },
    { commandId: `${runId}@${revision}:${clock.now()}`, metadata },
  );
  const after = await runs.read(runId);
  if (after.state !== null && !isEnded(after.state)) watch(after.state);
};
