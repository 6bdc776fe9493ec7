import type { EventStore } from '../../event-store/index.ts';
import {
  type AgentEvent,
  asPosition,
  asProjectId,
  asRunId,
  type EventToAppend,
  type KnowledgeEvent,
  type MergeEvent,
  type Ownership,
  ownershipIn,
  type PlanEvent,
  type ProjectEvent,
  type RecordedEvent,
  type RunEvent,
  type StreamName,
  versionOf,
} from '../../events/index.ts';
import { hashOf } from './made-up.ts';

export type StoryEvent = ProjectEvent | RunEvent | PlanEvent | AgentEvent | MergeEvent | KnowledgeEvent;

/** Something that happened, before a log has it. */
export interface Happening extends Ownership {
  readonly stream: StreamName;
  readonly event: StoryEvent;
  readonly projectId: string;
  readonly runId: string | null;
}

const start = Date.UTC(2026, 0, 1);

const toAppend = (
  { stream, event, projectId, runId, ...owner }: Happening,
  index: number,
): EventToAppend => ({
  id: `${stream}/${index}`,
  type: event.type,
  version: versionOf(event.type),
  data: event.data,
  time: new Date(start + index * 1_000).toISOString(),
  metadata: {
    source: '/story',
    actor: 'user:teller',
    correlationId: runId ?? projectId,
    causationId: null,
    ...ownershipIn(owner),
    projectId: asProjectId(projectId),
    ...(runId === null ? {} : { runId: asRunId(runId) }),
  },
});

/** What a log would have of it, without one. */
export const recorded = (happenings: readonly Happening[]): readonly RecordedEvent[] => {
  const revisions = new Map<StreamName, number>();
  return happenings.map((happening, index) => {
    const revision = revisions.get(happening.stream) ?? 0;
    revisions.set(happening.stream, revision + 1);
    return {
      ...toAppend(happening, index),
      stream: happening.stream,
      revision,
      position: asPosition(String(index + 1).padStart(16, '0')),
      hash: hashOf(index),
    };
  });
};

/** Appends one after the other. `from` counts on, so that parts of a story have ids of their own. */
export const tellStore = async (
  store: EventStore,
  happenings: readonly Happening[],
  from = 0,
): Promise<void> => {
  for (const [index, happening] of happenings.entries())
    await store.append(happening.stream, [toAppend(happening, from + index)], 'any');
};
