import { randomUUID } from 'node:crypto';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  type DomainEvent,
  type EventMetadata,
  type RunConfiguration,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { readPrd } from '@partitura/shared/prd';
import { architectPlanSwarm } from '@partitura/shared/workflows';

export interface AnswersOnly {
  readonly prd: string;
  readonly model: string;
  readonly maxAgents: number;
}

/** Asks for a run without a repository, as the orchestrator would record it: its agents only answer, and git measures nothing. */
export const requestAnswersOnly = async (
  store: EventStore,
  blobs: BlobStore,
  { prd: text, model, maxAgents }: AnswersOnly,
): Promise<string> => {
  const projectId = `p_${randomUUID().slice(0, 8)}`;
  const runId = `r_${randomUUID().slice(0, 8)}`;
  const metadata: EventMetadata = {
    source: '/orchestrator',
    actor: 'user:test',
    correlationId: runId,
    causationId: null,
    projectId: asProjectId(projectId),
  };
  const append = async (event: DomainEvent): Promise<void> => {
    const time = new Date().toISOString();
    const recorded = {
      ...event,
      id: `${projectId}.${event.type}`,
      time,
      metadata,
      version: versionOf(event.type),
    };
    await store.append(streamName('project', projectId), [recorded], 'any');
  };
  const content = {
    hash: await blobs.put(text),
    size: Buffer.byteLength(text),
    preview: text.slice(0, 200),
    contentType: 'text/markdown',
  };
  const { title, words } = readPrd(text);
  const prd = { name: 'PRD.md', title, words, content };
  const wanted = { stack: [], constraints: [], successCriteria: [] };
  const configuration: RunConfiguration = {
    ...wanted,
    prd,
    repository: null,
    branch: null,
    workflow: architectPlanSwarm,
    model,
    fallbackModels: [],
    rehearsal: false,
    maxAgents,
    budget: null,
    sandbox: 'required',
    step: false,
    planOnly: false,
  };
  const repository = { url: '/nowhere', baseBranch: 'main' };
  const workflow = architectPlanSwarm.name;
  await append({
    type: 'project.created',
    data: { projectId, name: title, prd, repository, ...wanted, budget: null, workflow },
  });
  await append({ type: 'project.run_requested', data: { runId, reserved: null, configuration } });
  return runId;
};
