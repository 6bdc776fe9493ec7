import type { OrganizationId, Position, ProjectId, RunId, StreamName } from './identifiers.ts';

/** Who, why and as part of what: with every event, so that a log answers "why did this happen?" by itself. */
export interface EventMetadata {
  /** The service that decided, as a CloudEvents source: `/orchestrator`. */
  readonly source: string;
  /** `user:<name>`, `key:<id>`, `agent:<attempt>` or `service:<name>`. */
  readonly actor: string;
  /** The request or run this is part of. */
  readonly correlationId: string;
  /** The id of the event or command that caused this one. */
  readonly causationId: string | null;
  /** Whose it is. Absent: `defaultOrganization`, as in logs from before there were others. */
  readonly organizationId?: OrganizationId;
  readonly projectId?: ProjectId;
  readonly runId?: RunId;
  /** W3C trace context. */
  readonly traceParent?: string;
}

/** What a decider answers: the fact alone. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** A fact with what the log has to know of it, on its way into a stream. */
export interface EventToAppend<Event extends DomainEvent = DomainEvent> {
  /** Derived from the cause where there is one, so that doing it again appends nothing. */
  readonly id: string;
  readonly type: Event['type'];
  readonly version: number;
  readonly data: Event['data'];
  /** ISO 8601 UTC, from the clock of the one that decided. */
  readonly time: string;
  readonly metadata: EventMetadata;
}

/** A fact as the log has it. */
export interface RecordedEvent<Event extends DomainEvent = DomainEvent> extends EventToAppend<Event> {
  readonly stream: StreamName;
  /** 0 for the first event of a stream, without gaps. */
  readonly revision: number;
  readonly position: Position;
  /** SHA-256 (hex) over the previous event's hash and this event's canonical JSON: see `hash-chain.ts`. */
  readonly hash: string;
}
