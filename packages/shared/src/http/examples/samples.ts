import type {
  AgentResource,
  ApprovalResource,
  ArtifactResource,
  CloudEvent,
  CommentResource,
  KnowledgeNodeResource,
  ProjectResource,
  RunResource,
  TaskResource,
} from '../resources.ts';

/** One project and what came of it: examples that fit together. */
export const ids = {
  project: 'p_4v8mz1c7qk',
  run: 'r_7k2m9x4tqa',
  task: 'r_7k2m9x4tqa.T4',
  agent: 'r_7k2m9x4tqa.T4.a1',
  approval: 'r_7k2m9x4tqa.plan',
  artifact: '3b64db95cb55c763391c707108489ae18b4112d783300de38e033b4c98c3deaf',
  node: 'k_2d9w5h0yrt',
} as const;
export const positions = { earlier: '0000000000000412', now: '0000000000000977' } as const;

const usage = {
  inputTokens: 48_210,
  outputTokens: 9_107,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.28,
  calls: 14,
};
const budget = { usd: 5, tokens: null, wallMs: null, onExceed: 'stop' as const, thresholds: [0.5, 0.8, 1] };
const repository = { url: '/srv/git/link-shortener', baseBranch: 'main' };

export const accepted = { id: ids.run, position: positions.now };
export const of = (id: string) => ({ id });
export const pageOf = <Item>(...items: readonly Item[]) => ({ items: [...items], nextCursor: null });

export const project: ProjectResource = {
  id: ids.project,
  name: 'link-shortener',
  status: 'running',
  title: 'Link shortener',
  repository,
  workflow: 'default',
  phase: 'build',
  prdRevision: 1,
  prd: { name: 'link-shortener.md', words: 412, artifactId: ids.artifact },
  budget,
  usage,
  runs: 1,
  lastRunId: ids.run,
  createdAt: '2026-03-02T08:15:00.000Z',
  updatedAt: '2026-03-02T08:41:12.402Z',
  revision: 4,
  position: positions.now,
};

export const run: RunResource = {
  id: ids.run,
  projectId: ids.project,
  projectName: 'link-shortener',
  workflow: 'default',
  model: 'anthropic/claude-sonnet-5-5',
  status: 'running',
  statusDetail: null,
  phase: 'build',
  repository,
  branch: `partitura/${ids.run}`,
  commit: null,
  rehearsal: false,
  tasks: { total: 9, pending: 3, running: 2, completed: 4, failed: 0, deadLettered: 0 },
  agents: 6,
  requirements: 12,
  requirementsMet: 5,
  usage,
  budget,
  pendingApprovals: 0,
  createdAt: '2026-03-02T08:15:02.000Z',
  startedAt: '2026-03-02T08:15:02.120Z',
  endedAt: null,
  revision: 61,
  position: positions.now,
  forkedFrom: null,
};

export const task: TaskResource = {
  id: ids.task,
  runId: ids.run,
  projectId: ids.project,
  key: 'T4',
  parentId: null,
  kind: 'implement',
  title: 'Redirect short links',
  description: 'GET /:slug answers 302 to the stored address, or 404.',
  agentType: 'backend',
  status: 'running',
  phase: 'build',
  priority: 3,
  complexity: 2,
  dependsOn: ['r_7k2m9x4tqa.T2'],
  acceptanceCriteria: ['An unknown slug answers 404.'],
  requirementIds: ['FR-3'],
  attempts: 1,
  agentId: ids.agent,
  usage,
  estimate: { tokens: 40_000 },
  branch: `partitura/${ids.run}/T4`,
  commit: null,
  findings: [],
  startedAt: '2026-03-02T08:31:40.000Z',
  completedAt: null,
  error: null,
  comments: 0,
  revision: 44,
  position: positions.now,
};

export const agent: AgentResource = {
  id: ids.agent,
  runId: ids.run,
  projectId: ids.project,
  taskId: ids.task,
  attempt: 1,
  type: 'backend',
  model: 'anthropic/claude-sonnet-5-5',
  status: 'running',
  step: 'act',
  cycle: 2,
  usage,
  startedAt: '2026-03-02T08:31:40.000Z',
  endedAt: null,
  branch: `partitura/${ids.run}/T4`,
  commit: null,
  lastLine: 'write_file {"path":"src/redirect.ts"}',
  toolCalls: 11,
  crashes: 0,
  revision: 37,
  position: positions.now,
};

export const approval: ApprovalResource = {
  id: ids.approval,
  runId: ids.run,
  projectId: ids.project,
  action: 'plan',
  subject: 'The plan',
  detail: '9 tasks, about 360,000 tokens.',
  status: 'pending',
  requestedAt: '2026-03-02T08:20:00.000Z',
  expiresAt: null,
  decidedAt: null,
  decidedBy: null,
  revision: 9,
  position: positions.earlier,
};

export const artifact: ArtifactResource = {
  id: ids.artifact,
  runId: null,
  projectId: ids.project,
  taskId: null,
  kind: 'prd',
  name: 'link-shortener.md',
  contentType: 'text/markdown',
  size: 2_911,
  preview: '# Link shortener\n\nPeople paste a long address and get a short one.',
  createdAt: '2026-03-02T08:15:00.000Z',
  position: positions.earlier,
};

export const comment: CommentResource = {
  id: 'c_0f3n6j8xpe',
  taskId: ids.task,
  author: 'user:local',
  text: 'Keep the query string.',
  createdAt: '2026-03-02T08:33:00.000Z',
};

export const node: KnowledgeNodeResource = {
  id: ids.node,
  projectId: ids.project,
  kind: 'decision',
  memory: 'semantic',
  title: 'Slugs are random',
  content: 'Seven characters of base 58; a clash is tried again.',
  tags: ['slugs'],
  importance: 0.7,
  usedCount: 2,
  score: 0.5,
  retracted: false,
  createdAt: '2026-03-02T08:29:10.000Z',
  provenance: {
    eventId: `${ids.agent}/31`,
    position: positions.earlier,
    runId: ids.run,
    taskId: ids.task,
    agentId: ids.agent,
    commit: null,
  },
};

export const event: CloudEvent = {
  specversion: '1.0',
  id: 'c_9a1b2c3d4e/0',
  source: '/orchestrator',
  type: 'run.paused',
  subject: `run-${ids.run}`,
  time: '2026-03-02T08:41:12.402Z',
  datacontenttype: 'application/json',
  dataversion: 1,
  position: positions.now,
  revision: 61,
  actor: 'user:local',
  correlationid: 'q_5r8t1y3u7i',
  causationid: 'c_9a1b2c3d4e',
  projectid: ids.project,
  runid: ids.run,
  hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  data: { reason: 'operator', detail: 'Lunch.' },
};

export const cost = {
  runId: ids.run,
  total: usage,
  byModel: [{ key: 'anthropic/claude-sonnet-5-5', usage }],
  byPhase: [{ key: 'build', usage }],
  byAgentType: [{ key: 'backend', usage }],
  position: positions.now,
};
