import type { ApiClient, CloudEvent, RunResource } from '@partitura/shared/http';

export interface RunRequest {
  readonly prd: string;
  readonly repositoryUrl: string;
  readonly maxAgents?: number;
}

/** Ids of a run that was asked for, and where the log stood before it. */
export interface RequestedRun {
  readonly projectId: string;
  readonly runId: string;
  readonly position: string;
}

const ends: ReadonlySet<string> = new Set([
  'run.completed',
  'run.failed',
  'run.stopped',
  'run.cancelled',
  'run.paused',
]);

export const requestRun = async (client: ApiClient, request: RunRequest): Promise<RequestedRun> => {
  const project = await client.call('createProject', {
    body: { prd: { name: 'PRD.md', text: request.prd }, repository: { url: request.repositoryUrl } },
  });
  const { maxAgents } = request;
  const run = await client.call('startRun', {
    params: { id: project.id },
    body: maxAgents === undefined ? {} : { maxAgents },
  });
  return { projectId: project.id, runId: run.id, position: project.position };
};

/** Follows the run to its end; `seen` is told of every event of it. */
export const untilEnd = async (
  client: ApiClient,
  { runId, position }: RequestedRun,
  seen: (event: CloudEvent) => void = () => undefined,
): Promise<RunResource> => {
  for await (const event of client.events({ runId, after: position })) {
    seen(event);
    if (ends.has(event.type))
      return client.call('getRun', { params: { id: runId }, query: { after: event.position } });
  }
  throw new Error(`The events of ${runId} ended before it did.`);
};
