import {
  asOrganizationId,
  asPosition,
  asProjectId,
  asRunId,
  type Category,
  type EventMetadata,
  parseStreamName,
  type RecordedEvent,
  type StreamName,
} from '../events/index.ts';
import type { CloudEvent } from './resources.ts';

/** The event as it leaves the house. Its subject is its stream; the data goes along as it is. */
export const toCloudEvent = (event: RecordedEvent): CloudEvent => {
  const { metadata } = event;
  return {
    specversion: '1.0',
    id: event.id,
    source: metadata.source,
    type: event.type,
    subject: event.stream,
    time: event.time,
    datacontenttype: 'application/json',
    dataversion: event.version,
    position: event.position,
    revision: event.revision,
    actor: metadata.actor,
    correlationid: metadata.correlationId,
    causationid: metadata.causationId,
    ...(metadata.organizationId === undefined ? {} : { organizationid: metadata.organizationId }),
    ...(metadata.projectId === undefined ? {} : { projectid: metadata.projectId }),
    ...(metadata.runId === undefined ? {} : { runid: metadata.runId }),
    ...(metadata.traceParent === undefined ? {} : { traceparent: metadata.traceParent }),
    hash: event.hash,
    data: event.data,
  };
};

/** The event as the log has it: nothing is lost on the wire. */
export const fromCloudEvent = (event: CloudEvent): RecordedEvent => {
  const metadata: EventMetadata = {
    source: event.source,
    actor: event.actor,
    correlationId: event.correlationid,
    causationId: event.causationid,
    ...(event.organizationid === undefined ? {} : { organizationId: asOrganizationId(event.organizationid) }),
    ...(event.projectid === undefined ? {} : { projectId: asProjectId(event.projectid) }),
    ...(event.runid === undefined ? {} : { runId: asRunId(event.runid) }),
    ...(event.traceparent === undefined ? {} : { traceParent: event.traceparent }),
  };
  return {
    id: event.id,
    type: event.type,
    version: event.dataversion,
    data: event.data,
    time: event.time,
    metadata,
    stream: event.subject as StreamName,
    revision: event.revision,
    position: asPosition(event.position),
    hash: event.hash,
  };
};

/** What an event is about: by its stream's name, by its metadata, and by the ids its data names. */
export interface EventPlace {
  readonly projectId: string | null;
  readonly runId: string | null;
  readonly taskId: string | null;
  readonly agentId: string | null;
}

export const placeOf = (event: RecordedEvent): EventPlace => {
  const { category, id } = parseStreamName(event.stream);
  const named = namedIn(event.data);
  // `<run>.<key>.a<attempt>` names the run and the task as well: see `identifiers.ts`.
  const agentId = category === 'agent' ? id : named('attemptId');
  const taskId = agentId === null ? named('taskId') : taskOfAttempt(agentId);
  const projectId = category === 'project' || category === 'knowledge' ? id : named('projectId');
  return {
    projectId: event.metadata.projectId ?? projectId,
    runId: event.metadata.runId ?? runOf(category, id),
    taskId,
    agentId,
  };
};

const namedIn =
  (data: unknown) =>
  (field: string): string | null => {
    if (typeof data !== 'object' || data === null) return null;
    const value: unknown = Reflect.get(data, field);
    return typeof value === 'string' ? value : null;
  };

const taskOfAttempt = (attemptId: string): string => attemptId.replace(/\.a\d+$/, '');
const runOf = (category: Category, id: string): string | null => {
  if (category === 'run' || category === 'plan' || category === 'merge') return id;
  return category === 'agent' ? (id.split('.', 1)[0] ?? null) : null;
};
