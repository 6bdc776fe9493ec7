import type { IHeaders } from 'kafkajs';
import {
  asOrganizationId,
  asPosition,
  asProjectId,
  asRunId,
  type EventMetadata,
  type RecordedEvent,
  type StreamName,
} from '../../events/index.ts';
import { keyOf } from './keys.ts';

export interface EventMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

/**
 * The CloudEvents Kafka binding in binary mode: attributes in headers, the data as it is. The same attributes as in the API
 * (`http/cloud-event.ts`), and all that is recorded: a consumer has the whole event.
 */
export const eventMessage = (event: RecordedEvent): EventMessage => {
  const { metadata } = event;
  const key = keyOf(event.stream);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: metadata.source,
    ce_type: event.type,
    ce_subject: event.stream,
    ce_time: event.time,
    ce_partitionkey: key,
    ce_dataversion: String(event.version),
    ce_position: event.position,
    ce_revision: String(event.revision),
    ce_hash: event.hash,
    ce_actor: metadata.actor,
    ce_correlationid: metadata.correlationId,
  };
  if (metadata.causationId !== null) headers.ce_causationid = metadata.causationId;
  if (metadata.organizationId !== undefined) headers.ce_organizationid = metadata.organizationId;
  if (metadata.projectId !== undefined) headers.ce_projectid = metadata.projectId;
  if (metadata.runId !== undefined) headers.ce_runid = metadata.runId;
  if (metadata.traceParent !== undefined) headers.ce_traceparent = metadata.traceParent;
  return { key, value: JSON.stringify(event.data), headers };
};

/** As it came in, not yet parsed: of most events no more is needed than what they are. */
export interface ReceivedMessage {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}

const header = ({ headers }: ReceivedMessage, name: string): string | undefined => {
  const value = headers?.[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : first.toString();
};

export const typeOf = (message: ReceivedMessage): string | undefined => header(message, 'ce_type');

/** undefined for what is not one of our events. */
export const positionOf = (message: ReceivedMessage): string | undefined => header(message, 'ce_position');

/** The event as it was relayed; null for what is not one of ours. */
export const messageEvent = (message: ReceivedMessage): RecordedEvent | null => {
  const data = parsed(message.value);
  const [id, type, time] = [header(message, 'ce_id'), typeOf(message), header(message, 'ce_time')];
  const [stream, position] = [header(message, 'ce_subject'), positionOf(message)];
  const [version, revision] = [header(message, 'ce_dataversion'), header(message, 'ce_revision')];
  const [hash, metadata] = [header(message, 'ce_hash'), metadataOf(message)];
  if (id === undefined || type === undefined || time === undefined || stream === undefined) return null;
  if (position === undefined || hash === undefined || metadata === null || data === undefined) return null;
  if (version === undefined || revision === undefined) return null;
  return {
    id,
    type,
    version: Number(version),
    data,
    time,
    metadata,
    stream: stream as StreamName,
    revision: Number(revision),
    position: asPosition(position),
    hash,
  };
};

const metadataOf = (message: ReceivedMessage): EventMetadata | null => {
  const source = header(message, 'ce_source');
  const actor = header(message, 'ce_actor');
  const correlationId = header(message, 'ce_correlationid');
  if (source === undefined || actor === undefined || correlationId === undefined) return null;
  const organizationId = header(message, 'ce_organizationid');
  const [projectId, runId] = [header(message, 'ce_projectid'), header(message, 'ce_runid')];
  const traceParent = header(message, 'ce_traceparent');
  return {
    source,
    actor,
    correlationId,
    causationId: header(message, 'ce_causationid') ?? null,
    ...(organizationId === undefined ? {} : { organizationId: asOrganizationId(organizationId) }),
    ...(projectId === undefined ? {} : { projectId: asProjectId(projectId) }),
    ...(runId === undefined ? {} : { runId: asRunId(runId) }),
    ...(traceParent === undefined ? {} : { traceParent }),
  };
};

const parsed = (value: Buffer | null): unknown => {
  if (value === null) return undefined;
  try {
    return JSON.parse(value.toString());
  } catch {
    return undefined;
  }
};
