import type { BlobStore } from '@partitura/shared/blobs';
import { sha256 } from '@partitura/shared/canonical';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import {
  asRunId,
  createRedactor,
  type DomainEvent,
  type PlanEvent,
  type RunConfiguration,
  type RunEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { inProcessJobQueue } from '@partitura/shared/job-queue';
import { type ChatModel, recordedCalls } from '@partitura/shared/models';
import { randomIds, silentLogger } from '@partitura/shared/runtime';
import { type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { builtInWorkflows, defaultWorkflowName, type Workflow } from '@partitura/shared/workflows';
import type { PlannerDependencies } from '../dependencies.ts';
import { planPhase } from '../phase/plan-phase.ts';
import { modelName } from './scripted-model.ts';

export const runId = asRunId('r_test');

export const prd = ['# Notes', '', '- A note is written.', '- A note is found again.', ''].join('\n');

const requirementOf = (id: string, line: number, text: string) => ({
  id,
  sourceId: null,
  text,
  line,
  kind: 'functional',
  priority: 'must',
});
export const requirementsAnswer = {
  requirements: [
    requirementOf('R1', 3, 'A note is written.'),
    requirementOf('R2', 4, 'A note is found again.'),
  ],
  questions: [],
};
export const architectureAnswer = {
  document: '# Notes\nOne file.',
  technologies: [{ name: 'SQLite', purpose: 'Storage', reason: 'Small' }],
  risks: [],
};

const memoryBlobs = (): BlobStore => {
  const contents = new Map<string, Uint8Array>();
  return {
    put: async (content) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const hash = sha256(bytes);
      contents.set(hash, bytes);
      return hash;
    },
    get: async (hash) => {
      const found = contents.get(hash);
      if (!found) throw new Error(`There is no blob ${hash}.`);
      return found;
    },
    has: async (hash) => contents.has(hash),
    close: async () => {},
  };
};

const defaultWorkflow = (): Workflow => {
  const found = builtInWorkflows.get(defaultWorkflowName);
  if (!found) throw new Error('The default workflow is gone.');
  return found;
};

/** A run with its planner, of which only the model is made up. */
export interface Scene {
  readonly store: EventStore;
  readonly blobs: BlobStore;
  readonly clock: VirtualClock;
  readonly dependencies: PlannerDependencies;
  readonly configuration: RunConfiguration;
  /** What the orchestrator says. */
  run(...events: RunEvent[]): Promise<void>;
  /** What a planner before this one recorded. */
  recorded(events: readonly PlanEvent[]): Promise<void>;
  plan(
    phase: string,
    visit?: number,
    signals?: { signal?: AbortSignal; stopping?: AbortSignal },
  ): Promise<void>;
  /** Another planner, with a model of its own, on the same run. */
  planWith(other: ChatModel, phase: string): Promise<void>;
  events(): Promise<PlanEvent[]>;
  types(): Promise<string[]>;
  document(hash: string): Promise<unknown>;
}

export interface SceneOptions {
  readonly configuration?: Partial<RunConfiguration>;
  readonly blobs?: BlobStore;
  readonly dependencies?: Partial<PlannerDependencies>;
  readonly automaticClock?: boolean;
  readonly prd?: string;
}

export const scene = async (model: ChatModel, options: SceneOptions = {}): Promise<Scene> => {
  const store = openSqliteEventStore({ path: ':memory:' });
  const blobs = options.blobs ?? memoryBlobs();
  const clock = virtualClock({ automatic: options.automaticClock ?? true });
  const ids = randomIds();
  const text = options.prd ?? prd;
  const hash = await blobs.put(text);
  const configuration: RunConfiguration = {
    prd: {
      name: 'notes.md',
      title: 'Notes',
      words: 10,
      content: { hash, size: text.length, preview: text.slice(0, 200), contentType: 'text/markdown' },
    },
    repository: null,
    branch: null,
    workflow: defaultWorkflow(),
    model: modelName,
    fallbackModels: [],
    rehearsal: false,
    maxAgents: 3,
    budget: null,
    sandbox: 'off',
    stack: ['Node.js'],
    constraints: [],
    successCriteria: [],
    step: false,
    planOnly: false,
    ...options.configuration,
  };
  const dependencies: PlannerDependencies = {
    store,
    queue: inProcessJobQueue({ clock }),
    blobs,
    models: { resolve: () => model, prices: { priceOf: () => null } },
    clock,
    ids,
    logger: silentLogger,
    redactor: createRedactor(),
    agents: [{ id: 'eng-backend', purpose: 'Writes services.' }],
    ...options.dependencies,
  };
  const append = async (category: 'run' | 'plan', events: readonly DomainEvent[]): Promise<void> => {
    if (events.length === 0) return;
    const metadata = {
      source: '/test',
      actor: 'service:test',
      correlationId: runId,
      causationId: null,
      runId,
    };
    const time = new Date(clock.now()).toISOString();
    const prepared = events.map(({ type, data }) => ({
      id: ids.next('e'),
      type,
      version: versionOf(type),
      data,
      time,
      metadata,
    }));
    await store.append(streamName(category, runId), prepared, 'any');
  };
  const calls = recordedCalls({ blobs, clock, redact: (text) => text });
  const events = async (): Promise<PlanEvent[]> => {
    const found: PlanEvent[] = [];
    for await (const page of store.readStream(streamName('plan', runId))) {
      for (const { type, data } of page) found.push({ type, data } as PlanEvent);
    }
    return found;
  };
  await append('run', [{ type: 'run.created', data: { runId, projectId: 'p_test', configuration } }]);
  const never = new AbortController().signal;
  return {
    store,
    blobs,
    clock,
    dependencies,
    configuration,
    run: (...facts) => append('run', facts),
    recorded: (facts) => append('plan', facts),
    plan: (phase, visit = 1, { signal = never, stopping = signal } = {}) =>
      planPhase(dependencies, calls, { runId, phase, visit }, { signal, stopping }),
    planWith: (other, phase) =>
      planPhase(
        { ...dependencies, models: { ...dependencies.models, resolve: () => other } },
        calls,
        { runId, phase, visit: 1 },
        { signal: never, stopping: never },
      ),
    events,
    types: async () => (await events()).map(({ type }) => type),
    document: async (name) => JSON.parse(new TextDecoder().decode(await blobs.get(name))),
  };
};

export const entered = (
  phase: string,
  act: 'architecture' | 'plan',
  visit = 1,
  reservation: { tokens: number; microUsd: number } | null = null,
): RunEvent => ({ type: 'phase.entered', data: { phase, visit, act, reservation } });
