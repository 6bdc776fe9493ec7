import { z } from 'zod';
import { replayPart, replayReport } from '../../replaying/report.ts';
import { defineOperation, type OwnerService } from '../operation.ts';
import { byId, read } from './shapes.ts';

const part = (owner: OwnerService, name: string, summary: string) =>
  defineOperation({
    method: 'GET',
    path: `/runs/:id/replay/${name}`,
    owner,
    role: 'viewer',
    summary,
    description:
      'A part of the run’s replay, as its owner answers it. `until` is a position: what was recorded behind it is left out. Without it, all there is is replayed.',
    params: byId,
    query: z.strictObject({ ...read.shape, until: z.string().min(1).optional() }),
    body: null,
    result: replayPart,
    status: 200,
  });

export const replayOperations = {
  replayRun: defineOperation({
    method: 'GET',
    path: '/runs/:id/replay',
    owner: 'gateway',
    role: 'viewer',
    summary: 'Decide a recorded run once more, and say where that differs.',
    description:
      'Plays the run again on its recorded answers of models and results of tools: no tokens, and nothing is written. Every decision is compared with the record; the first that differs is named with both sides. A run that goes on is replayed as far as it has come.',
    params: byId,
    query: read,
    body: null,
    result: replayReport,
    status: 200,
  }),
  replayRunDecisions: part(
    'orchestrator',
    'decisions',
    'Decide on the run, its phases and its tasks once more.',
  ),
  replayRunPlanning: part('planner', 'planning', 'Plan the run once more on the recorded answers.'),
  replayRunAgents: part(
    'agent-runner',
    'agents',
    'Take the steps of the run’s agents and its merges once more.',
  ),
};
