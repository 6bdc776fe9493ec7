import { sha256 } from '@partitura/shared/canonical';
import type { KnowledgeNode, RecordedEvent } from '@partitura/shared/events';

interface Content {
  readonly kind: KnowledgeNode['kind'];
  readonly memory: KnowledgeNode['memory'];
  readonly text: string;
  readonly tags: readonly string[];
  readonly importance: number;
}

/** Case, spacing and final punctuation do not make two things known of one. */
const normalised = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/[.!\s]+$/, '')
    .trim();

/** What says the same is the same, whoever says it. */
export const nodeIdOf = (projectId: string, kind: KnowledgeNode['kind'], content: string): string =>
  `k_${sha256(`${projectId} ${kind} ${normalised(content)}`).slice(0, 16)}`;

/** The first characters of a text, none of them cut in two. */
export const beginningOf = (text: string, length: number): string =>
  text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');

/** The first sentence, at most eighty characters of it. */
export const titleOf = (text: string): string => {
  const sentence = text.trim().split(/(?<=[.!?])\s|\n/)[0] ?? text;
  return sentence.length <= 80 ? sentence : `${beginningOf(sentence, 79).trimEnd()}…`;
};

/** `r_7k2m9x4tqa.T4.a1` → task and agent; null for what no agent said. */
const agentOf = (event: RecordedEvent): { taskId: string; agentId: string } | null => {
  if (!event.stream.startsWith('agent-')) return null;
  const agentId = event.stream.slice('agent-'.length);
  return { agentId, taskId: agentId.slice(0, agentId.lastIndexOf('.')) };
};

/** A node that says where it is from. Null when there is nothing to say. */
export const nodeFrom = (
  event: RecordedEvent,
  projectId: string,
  { kind, memory, text, tags, importance }: Content,
): KnowledgeNode | null => {
  const content = text.trim();
  if (content === '') return null;
  const agent = agentOf(event);
  return {
    nodeId: nodeIdOf(projectId, kind, content),
    projectId,
    kind,
    memory,
    title: titleOf(content),
    content,
    tags: [...tags],
    importance,
    provenance: {
      eventId: event.id,
      position: event.position,
      runId: event.metadata.runId ?? null,
      taskId: agent?.taskId ?? null,
      agentId: agent?.agentId ?? null,
      commit: null,
    },
  };
};
