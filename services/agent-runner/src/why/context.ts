import type { EventStore } from '@partitura/shared/event-store';
import type { ChatMessage, RecordedCalls } from '@partitura/shared/models';
import type { Contents } from '../agents/contents.ts';
import { atMost } from '../agents/prompts.ts';
import { shown } from './attempt.ts';
import { unlessLost } from './lost-content.ts';
import { ofType, proofOf, type Word, type Words, wordsOf } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';

type Memory = WhyResource['memory'];
type Requested = Word<'agent', 'model.requested'>;
type Answered = Word<'agent', 'model.answered'>;

export interface ContextDependencies {
  readonly store: EventStore;
  readonly calls: Pick<RecordedCalls, 'recall' | 'recallRequest'>;
  readonly contents: Pick<Contents, 'read' | 'readJson'>;
}

const shownCharacters = 20_000;

const textOf = (message: Pick<ChatMessage, 'content'> | undefined): string =>
  (message?.content ?? [])
    .flatMap((part) => {
      if (part.kind === 'text') return [part.text];
      return part.kind === 'tool_call' ? [`${part.tool} ${JSON.stringify(part.arguments)}`] : [];
    })
    .join('\n');

/** The call that asked for the tool: a tool call's id is its call's, and a number. */
export const requestBehind = (words: Words<'agent'>, toolCallId: string): Requested | null => {
  const callId = toolCallId.slice(0, toolCallId.lastIndexOf('.'));
  return ofType(words, 'model.requested').find(({ data }) => data.callId === callId) ?? null;
};

export const promptOf = async (
  { calls }: ContextDependencies,
  requested: Requested,
): Promise<NonNullable<WhyResource['prompt']> | MissingLink> => {
  const { callId, purpose, model, request } = requested.data;
  const asked = await unlessLost(calls.recallRequest(requested));
  if (asked === null) return contentGone('prompt', requested, request.hash);
  return {
    callId,
    purpose,
    model,
    messages: asked.messages.length,
    system: atMost(asked.system, shownCharacters),
    opening: atMost(textOf(asked.messages[0]), shownCharacters),
    artifactId: request.hash,
    event: proofOf(requested),
  };
};

export const answerOf = async (
  { calls }: ContextDependencies,
  words: Words<'agent'>,
  { data: { callId } }: Requested,
): Promise<NonNullable<WhyResource['answer']> | MissingLink> => {
  const answered = ofType(words, 'model.answered').find(({ data }) => data.callId === callId);
  if (answered === undefined)
    return {
      link: 'answer',
      code: 'ANSWER_NOT_RECORDED',
      detail: `Nothing is recorded that answers ${callId}.`,
    };
  const answer = await unlessLost(calls.recall(answered));
  if (answer === null) return contentGone('answer', answered, answered.data.answer.hash);
  return {
    model: answered.data.model,
    text: atMost(textOf(answer), shownCharacters),
    stopReason: answered.data.stopReason,
    artifactId: answered.data.answer.hash,
    event: proofOf(answered),
  };
};

const contentGone = (
  link: MissingLink['link'],
  { type, revision, stream, data: { callId } }: Requested | Answered,
  hash: string,
): MissingLink => ({
  link,
  code: 'CONTENT_GONE',
  detail: `The content of ${callId} is lost: blob ${hash} of ${type}, event ${revision} of ${stream}, or a part of it, is not in the blob store any more, or damaged. Bring it back from a backup.`,
});

/** What was before a call in the agent's current cycle. */
const inCycleOf = (words: Words<'agent'>, { position }: Requested): Words<'agent'> => {
  const before = words.filter((word) => word.position < position);
  const began = before.findLastIndex(
    ({ type, data }) => type === 'agent.step_entered' && data.step === 'reason',
  );
  return began < 0 ? before : before.slice(began);
};

/** What the agent had before it when it asked, beside the task: learnings last for the attempt, the rest for a cycle. */
export const memoryOf = async (
  { contents }: ContextDependencies,
  words: Words<'agent'>,
  run: Words<'run'>,
  taskId: string,
  requested: Requested,
): Promise<Memory> => {
  const cycle = inCycleOf(words, requested);
  const failures = [...ofType(run, 'task.attempt_failed'), ...ofType(run, 'task.failed')].filter(
    ({ data, position }) => data.taskId === taskId && position < requested.position,
  );
  const learnings = ofType(words, 'agent.learning_recorded').filter(
    ({ position }) => position < requested.position,
  );
  const memory: Memory = [
    ...failures.map((event) => ({
      kind: 'earlier_failure' as const,
      text: event.data.problem.message,
      event: proofOf(event),
    })),
    ...learnings.map((event) => ({
      kind: 'learning' as const,
      text: event.data.learning,
      event: proofOf(event),
    })),
  ];
  for (const event of cycle) {
    if (event.type === 'agent.approach_chosen')
      memory.push({ kind: 'approach', text: event.data.summary, event: proofOf(event) });
    if (event.type === 'agent.message_received')
      memory.push({
        kind: 'message',
        text: `From ${event.data.from}: ${event.data.text}`,
        event: proofOf(event),
      });
    if (event.type === 'tool.returned' && event.data.tool === 'knowledge_search')
      memory.push({
        kind: 'knowledge_search',
        text: (await shown(contents, event.data.result)).text,
        event: proofOf(event),
      });
  }
  return memory;
};

/** Pieces of knowledge that were put before the agent in the cycle. */
export const knowledgeOf = async (
  { store }: ContextDependencies,
  words: Words<'agent'>,
  projectId: string,
  requested: Requested,
): Promise<WhyResource['knowledge']> => {
  const used = new Map(
    ofType(inCycleOf(words, requested), 'agent.knowledge_used').flatMap((event) =>
      event.data.nodeIds.map((nodeId) => [nodeId, event] as const),
    ),
  );
  if (used.size === 0) return [];
  const known = await wordsOf(store, 'knowledge', projectId);
  const retracted = new Set(ofType(known, 'knowledge.node_retracted').map(({ data }) => data.nodeId));
  return ofType(known, 'knowledge.node_added').flatMap((added) => {
    const { nodeId, kind, title, content } = added.data;
    const event = used.get(nodeId);
    return event
      ? [
          {
            nodeId,
            kind,
            title,
            content: atMost(content, shownCharacters),
            retracted: retracted.has(nodeId),
            used: proofOf(event),
            added: proofOf(added),
          },
        ]
      : [];
  });
};
