import { isRevisionConflict } from '@partitura/shared/event-store';
import type { AgentEvent } from '@partitura/shared/events';
import type { StreamSession } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import type { AgentState } from '../agents/state.ts';

/**
 * Who had the attempt before may have had a last word (that it lets go, what a tool said) between the reading and the taking up.
 * The job is still this runner's, so it reads on: to call it done would leave the attempt to nobody.
 * @throws {PartituraError} TAKE_UP_MISSED
 */
export const takeUp = async (
  session: StreamSession<AgentState, AgentEvent>,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> => {
  const before = session.revision();
  try {
    await work();
  } catch (error) {
    const missed = before >= 0 && session.revision() === before && !signal.aborted;
    throw isRevisionConflict(error) && missed ? takeUpMissed(error) : error;
  }
};

const takeUpMissed = (cause: unknown): PartituraError =>
  new PartituraError('TAKE_UP_MISSED', 'The attempt went on while it was being taken up.', { cause });
export const isTakeUpMissed = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'TAKE_UP_MISSED';
