import type { AgentEvent } from '@partitura/shared/events';
import type { ChatRequest, RecordedCalls } from '@partitura/shared/models';
import { readSections } from '@partitura/shared/prompts';
import type { Outside } from '../agents/outside.ts';

export type Requested = Extract<AgentEvent, { type: 'model.requested' }>;
type Compacted = Extract<AgentEvent, { type: 'agent.context_compacted' }>;

/** A question as it was recorded: the events before the request belong to it. */
export interface RecordedQuestion {
  readonly requested: Requested;
  readonly compacted: Compacted | null;
  readonly nodeIds: readonly string[];
}

const belongsToQuestion: ReadonlySet<string> = new Set([
  'agent.context_compacted',
  'agent.knowledge_used',
  'model.requested',
]);

/** Null when no question is what was recorded next. */
export const recordedQuestion = (events: readonly AgentEvent[]): RecordedQuestion | null => {
  const at = events.findIndex(({ type }) => type === 'model.requested');
  const requested = events[at];
  const own = events.slice(0, at + 1);
  if (requested?.type !== 'model.requested' || !own.every(({ type }) => belongsToQuestion.has(type)))
    return null;
  const used = own.find((event) => event.type === 'agent.knowledge_used');
  return {
    requested,
    compacted: own.find((event) => event.type === 'agent.context_compacted') ?? null,
    nodeIds: used?.data.nodeIds ?? [],
  };
};

const openingOf = ({ messages }: ChatRequest): string =>
  (messages[0]?.content ?? []).flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');

/** What a question says of the files and of what was known: nothing else does. */
export const recordedOutside = (
  question: RecordedQuestion | null,
  calls: Pick<RecordedCalls, 'recallRequest'>,
): Outside => {
  let sections: Promise<ReadonlyMap<string, string>> | null = null;
  const section = async (name: string): Promise<string> => {
    if (question === null) return '';
    sections ??= calls.recallRequest(question.requested).then((request) => readSections(openingOf(request)));
    return (await sections).get(name) ?? '';
  };
  return {
    files: () => section('files'),
    diff: () => section('diff'),
    known: async () => ({ text: await section('knowledge'), nodeIds: question?.nodeIds ?? [] }),
  };
};
