import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asOrganizationId,
  type Category,
  createRedactor,
  type DomainEvent,
  type ForkedRun,
  type MergeEvent,
  noUsage,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { type ChatRequest, recordedCalls } from '@partitura/shared/models';
import { createRepository, git } from '@partitura/shared/repositories';
import { systemClock } from '@partitura/shared/runtime';
import { contents } from '../../agents/contents.ts';
import { importedBranches } from '../../bundles/imported-branches.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { configuration } from '../../testing/world.ts';
import { workspaces } from '../../workspaces/index.ts';
import { whyOperations } from '../operations.ts';

const person = { name: 'Ada', email: 'ada@localhost' };
const machine = { name: 'Partitura', email: 'partitura@localhost' };
export const prdText =
  '# Hello\n\nIt greets.\n\n- FR-1 It says hello to whoever asks.\n- FR-2 It says bye.\n';

interface RunOptions {
  readonly organization?: string | null;
  readonly projectId?: string;
  /** A fork has the plan of the run that it comes from. */
  readonly forked?: ForkedRun | null;
}

/** A repository, a log and blobs, in which runs are told by hand: what an agent did, and what it committed. */
export const toldRuns = async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-why-')));
  const project = join(base, 'project');
  await createRepository(project, {
    files: { 'README.md': '# Hello\n' },
    message: 'Begin',
    identity: person,
  });
  const store = openSqliteEventStore({ path: ':memory:' });
  const blobs = memoryBlobStore();
  const redactor = createRedactor();
  const kept = contents(blobs, redactor);
  const calls = recordedCalls({ blobs, clock: systemClock, redact: redactor.redactText });
  let count = 0;

  const tell = async (
    category: Category,
    id: string,
    events: readonly DomainEvent[],
    organization: string | null = null,
  ): Promise<void> => {
    const recorded = events.map(({ type, data }) => {
      count += 1;
      return {
        id: `e${count}`,
        type,
        version: versionOf(type),
        data,
        time: new Date(1_800_000_000_000 + count * 1_000).toISOString(),
        metadata: {
          source: '/test',
          actor: 'user:test',
          correlationId: id,
          causationId: null,
          ...(organization === null ? {} : { organizationId: asOrganizationId(organization) }),
        },
      };
    });
    await store.append(streamName(category, id), recorded, 'any');
  };

  const inProject = async (args: readonly string[], identity = person): Promise<string> =>
    (await git(args, { cwd: project, identity })).stdout.trim();

  /** Writes files on a branch and commits them. */
  const commit = async (
    branch: string,
    files: Readonly<Record<string, string>>,
    message: string,
    identity = person,
  ): Promise<string> => {
    const known = await git(['rev-parse', '--verify', '--quiet', branch], { cwd: project, accept: [0, 1] });
    await inProject(['checkout', '--quiet', ...(known.exitCode === 0 ? [branch] : ['-b', branch, 'main'])]);
    for (const [name, content] of Object.entries(files)) await writeFile(join(project, name), content);
    await inProject(['add', '--all']);
    await inProject(['commit', '--quiet', '--allow-empty', `--message=${message}`], identity);
    const id = await inProject(['rev-parse', 'HEAD']);
    await inProject(['checkout', '--quiet', 'main']);
    return id;
  };

  const trailers = (runId: string, taskId: string, attemptId: string, cycle = 1): string =>
    `T: work\n\nPartitura-Task: ${taskId}\nPartitura-Attempt: ${attemptId}\nPartitura-Run: ${runId}\nPartitura-Cycle: ${cycle}\n`;

  const prd = {
    name: 'PRD.md',
    title: 'Hello',
    words: 14,
    content: await kept.keep(prdText, 'text/markdown'),
  };
  const plan = await kept.keepJson({
    requirements: [
      { id: 'R1', sourceId: 'FR-1', text: 'It says hello.', line: 5, kind: 'functional', priority: 'must' },
      { id: 'R2', sourceId: 'FR-2', text: 'It says bye.', line: 6, kind: 'functional', priority: 'must' },
    ],
    questions: [],
    architecture: { document: 'One file.', technologies: [], risks: [] },
    tasks: [],
    estimate: {
      durationMs: { p50: 1, p90: 1 },
      costMicroUsd: { p50: 0, p90: 0 },
      tokens: { p50: 1, p90: 1 },
      criticalPath: [],
      criticalPathMs: 1,
      width: 1,
      schedule: [],
      simulations: 1,
    },
    risks: [],
  });

  const startRun = async (
    runId: string,
    { organization = null, projectId = 'p1', forked = null }: RunOptions = {},
  ) => {
    const branch = `partitura/${runId}`;
    const repository = { url: project, baseBranch: 'main' };
    const created: RunEvent = {
      type: 'run.created',
      data: { runId, projectId, configuration: { ...configuration, prd, repository, branch } },
    };
    const accepted: RunEvent = {
      type: 'plan.accepted',
      data: { plan, planRevision: 1, requirementIds: ['R1', 'R2'], tasks: 1 },
    };
    const next: RunEvent = forked === null ? accepted : { type: 'run.forked', data: forked };
    await tell('run', runId, [created, next], organization);
  };

  /** What an agent was asked, answered and did, up to its commit. */
  const work = async (
    attemptId: string,
    tools: readonly { readonly tool: string; readonly arguments: unknown }[],
    id: string | null,
  ): Promise<void> => {
    const taskId = attemptId.slice(0, attemptId.lastIndexOf('.a'));
    const request: ChatRequest = {
      model: 'scripted/one',
      system: 'You build.',
      messages: [{ role: 'user', content: [{ kind: 'text', text: 'The material. Do the task now.' }] }],
      tools: [],
      answer: null,
      maxOutputTokens: 100,
      temperature: null,
    };
    const { model } = scriptedModel(() => ({ tools }));
    const callId = `${attemptId}.c1`;
    const asked = await calls.prepare(model, request, { callId, purpose: 'act' });
    const { signal } = new AbortController();
    const answered = await calls.perform(model, request, callId, { signal });
    const uses = await Promise.all(
      tools.map(async (use, index): Promise<readonly AgentEvent[]> => {
        const toolCallId = `${callId}.${index + 1}`;
        const { tool } = use;
        const result = await kept.keep('Done.');
        return [
          { type: 'tool.called', data: { toolCallId, tool, arguments: await kept.keepJson(use.arguments) } },
          {
            type: 'tool.returned',
            data: { toolCallId, tool, outcome: 'succeeded', result, durationMs: 1 },
          },
        ];
      }),
    );
    const spawned = {
      taskId,
      attempt: 1,
      agentType: 'eng-backend',
      model: 'scripted/one',
      runner: 'runner-1',
      allowance: null,
      branch: `partitura-task/${attemptId}`,
    };
    const learned = { learning: 'Look before you write.', cycle: 1 };
    const chosen = { summary: 'Say hello.', content: await kept.keepJson({ summary: 'Say hello.' }) };
    const events: readonly AgentEvent[] = [
      { type: 'agent.spawned', data: spawned },
      { type: 'agent.learning_recorded', data: learned },
      { type: 'agent.step_entered', data: { step: 'reason', cycle: 1 } },
      { type: 'agent.approach_chosen', data: chosen },
      { type: 'agent.step_entered', data: { step: 'act', cycle: 1 } },
      { type: 'agent.knowledge_used', data: { nodeIds: ['k1'] } },
      asked,
      answered.event,
      ...uses.flat(),
    ];
    await tell('agent', attemptId, events);
    const committed = { commit: id ?? '', filesChanged: 1, insertions: 1, deletions: 0 };
    if (id !== null)
      await tell('agent', attemptId, [{ type: 'agent.checkpoint_committed', data: committed }]);
  };

  const merged = (runId: string, attemptId: string, id: string): Promise<void> => {
    const taskId = attemptId.slice(0, attemptId.lastIndexOf('.a'));
    const event: MergeEvent = {
      type: 'merge.completed',
      data: { taskId, attemptId, commit: id, checks: [] },
    };
    return tell('merge', runId, [event]);
  };

  /** As a service with clones of its own would answer. */
  const asking = (dataDirectory = join(base, 'data')) => {
    const spaces = workspaces({ dataDirectory });
    return whyOperations({
      store,
      calls,
      contents: kept,
      imported: importedBranches({ store, blobs, dataDirectory }),
      workspaces: spaces,
      exclusively: spaces.internals.exclusively,
    });
  };

  return {
    base,
    project,
    store,
    blobs,
    tell,
    commit,
    trailers,
    machine,
    startRun,
    work,
    merged,
    inProject,
    asking,
    noUsage,
    stop: async () => {
      await store.close();
      await rm(base, { recursive: true, force: true, maxRetries: 20 });
    },
  };
};
export type ToldRuns = Awaited<ReturnType<typeof toldRuns>>;
