import type { RunEvent } from '@partitura/shared/events';
import type { CommandOf } from './commands.ts';
import { existing, live } from './refusals.ts';
import { enterPhase } from './routing.ts';
import { isEnded, type RunState } from './state.ts';

/** Queued is what a run is until its first phase: here both come in one append, and the read model shows the moment between. */
export const start = (command: CommandOf<'start'>, state: RunState): readonly RunEvent[] => {
  if (state !== null) return [];
  const { runId, projectId, configuration, at } = command;
  const wallMs = configuration.budget?.wallMs ?? null;
  const wallDeadlineAt = wallMs === null ? null : new Date(at + wallMs).toISOString();
  return [
    { type: 'run.created', data: { runId, projectId, configuration } },
    { type: 'run.started', data: { wallDeadlineAt } },
  ];
};

export const pause = (command: CommandOf<'pause'>, state: RunState): readonly RunEvent[] => {
  const run = live(state, 'paused');
  if (run.status === 'paused') return [];
  return [{ type: 'run.paused', data: { reason: command.reason, detail: command.detail } }];
};

export const resume = (state: RunState): readonly RunEvent[] => {
  const run = live(state, 'resumed');
  if (run.status === 'running') return [];
  const resumed: RunEvent = { type: 'run.resumed', data: {} };
  return run.phase?.interrupted ? [resumed, ...enterPhase(run, run.phase.id)] : [resumed];
};

export const cancel = (command: CommandOf<'cancel'>, state: RunState): readonly RunEvent[] => {
  const run = existing(state);
  if (run.status === 'cancelled') return [];
  // What ended by itself stays as it ended.
  if (isEnded(run)) live(run, 'cancelled');
  return [{ type: 'run.cancelled', data: { reason: command.reason, usage: run.ledger.spent } }];
};
