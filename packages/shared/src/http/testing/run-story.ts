import {
  type AgentEvent,
  asProjectId,
  asRunId,
  type MergeEvent,
  noUsage,
  type Ownership,
  ownershipIn,
  type PlanEvent,
  type ProjectEvent,
  type RunConfiguration,
  type RunEvent,
  type RunId,
  type StreamName,
  streamName,
} from '../../events/index.ts';
import { architectPlanSwarm } from '../../workflows/index.ts';
import type { Happening, StoryEvent } from './happenings.ts';
import { blob, hashOf, problem } from './made-up.ts';
import { type Tell, tellAccepted, tellApproval, tellPlanning } from './told-planning.ts';
import { tellTasks, type Voices } from './told-tasks.ts';

export interface RunStoryOptions extends Ownership {
  readonly projectId?: string;
  readonly runId?: string;
  /** Work tasks. The first fails once, the last ends in the dead letters when `deadLetter`. Default 3. */
  readonly tasks?: number;
  readonly deadLetter?: boolean;
  /** SHA-256 of a plan document that is in the blob store. */
  readonly plan?: string;
}

const prd = {
  name: 'PRD.md',
  title: 'A link shortener',
  words: 120,
  content: blob('# A link shortener', hashOf(1)),
};
const repository = { url: '/tmp/links', baseBranch: 'main' };
const budget = {
  microUsd: 5_000_000,
  tokens: null,
  wallMs: null,
  onExceed: 'stop' as const,
  thresholds: [0.5],
};
const configurationOf = (runId: RunId): RunConfiguration => ({
  prd,
  repository,
  branch: `partitura/${runId}`,
  workflow: architectPlanSwarm,
  model: 'rehearsal/small',
  fallbackModels: [],
  rehearsal: true,
  maxAgents: 4,
  budget,
  sandbox: 'required',
  stack: [],
  constraints: [],
  successCriteria: [],
  step: false,
  planOnly: false,
});

const tellFailedEnd = (run: Tell<RunEvent>, project: Tell<ProjectEvent>, runId: string): void => {
  run({ type: 'run.failed', data: { problem, usage: noUsage } });
  project({ type: 'project.run_settled', data: { runId, status: 'failed', tokens: 0, microUsd: 0 } });
};

const tellGoodEnd = (
  run: Tell<RunEvent>,
  project: Tell<ProjectEvent>,
  runId: string,
  count: number,
): void => {
  const ended = { branch: `partitura/${runId}`, commit: 'd'.repeat(40) };
  run({
    type: 'run.completed',
    data: { ...ended, usage: noUsage, requirements: count, requirementsMet: count },
  });
  project({ type: 'project.completed', data: { runId, ...ended } });
  project({ type: 'project.run_settled', data: { runId, status: 'completed', tokens: 0, microUsd: 0 } });
};

/**
 * A project and a run of it from the first word to the last, as the services would tell it: a plan with an epic, tasks one after
 * the other, a crash, a question, an approval, a budget, merges.
 */
export const runStory = (options: RunStoryOptions = {}): readonly Happening[] => {
  const { tasks: count = 3, deadLetter = false } = options;
  const projectId = asProjectId(options.projectId ?? 'p_1');
  const runId = asRunId(options.runId ?? 'r_1');
  const owner = ownershipIn(options);
  const happenings: Happening[] = [];
  const tell =
    <Event extends StoryEvent>(stream: StreamName, ofRun = true) =>
    (event: Event): void => {
      happenings.push({ stream, event, projectId, runId: ofRun ? runId : null, ...owner });
    };
  const project = tell<ProjectEvent>(streamName('project', projectId), false);
  const run = tell<RunEvent>(streamName('run', runId));
  const plan = tell<PlanEvent>(streamName('plan', runId));
  const merge = tell<MergeEvent>(streamName('merge', runId));

  const configuration = configurationOf(runId);

  project({
    type: 'project.created',
    data: {
      projectId,
      name: 'Links',
      prd,
      repository,
      stack: [],
      constraints: [],
      successCriteria: [],
      budget,
      workflow: 'architect-plan-swarm',
    },
  });
  project({ type: 'project.run_requested', data: { runId, reserved: null, configuration } });
  run({ type: 'run.created', data: { runId, projectId, configuration } });
  run({ type: 'run.started', data: { wallDeadlineAt: null } });
  run({ type: 'phase.entered', data: { phase: 'planner', visit: 1, act: 'plan', reservation: null } });
  plan({ type: 'plan.started', data: { phase: 'planner', visit: 1, prd: prd.content } });
  const planBlob = blob('{"requirements":[]}', options.plan ?? hashOf(4));
  tellPlanning(plan, planBlob, count);
  tellAccepted(run, runId, planBlob, count);
  tellApproval(run, runId, count);
  run({ type: 'phase.completed', data: { phase: 'planner', visit: 1 } });
  run({ type: 'phase.entered', data: { phase: 'executor', visit: 1, act: 'tasks', reservation: null } });

  const voices: Voices = {
    run,
    merge,
    agent: (attemptId) => tell<AgentEvent>(streamName('agent', attemptId)),
  };
  tellTasks(voices, runId, count, deadLetter);
  if (deadLetter) tellFailedEnd(run, project, runId);
  else tellGoodEnd(run, project, runId, count);
  return happenings;
};
