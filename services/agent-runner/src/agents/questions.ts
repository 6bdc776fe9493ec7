import type { AgentEvent, Amount } from '@partitura/shared/events';
import { tokensOf } from '@partitura/shared/events';
import type {
  ChatMessage,
  ChatModel,
  ChatRequest,
  ContentPart,
  RecordedCalls,
  ToolSpecification,
} from '@partitura/shared/models';
import type { PlanDocument } from '@partitura/shared/planning';
import { type AnswerName, answerSpecification, type Section } from '@partitura/shared/prompts';
import type { Assignment } from './assignment.ts';
import type { Contents } from './contents.ts';
import { compacted, continued } from './conversation.ts';
import {
  checksSection,
  criteriaSection,
  learningsSection,
  messagesSection,
  planSections,
  rejectedSection,
  taskSection,
} from './materials.ts';
import type { Memory } from './memory.ts';
import type { Outside } from './outside.ts';
import { agentTypeOf, goOn, question, repairRequest, systemPrompt } from './prompts.ts';
import type { AgentState, AnsweredCall, Purpose } from './state.ts';

export interface QuestionDependencies {
  readonly assignment: Assignment;
  readonly contents: Contents;
  readonly calls: RecordedCalls;
  readonly model: ChatModel;
  readonly memory: Memory;
  readonly outside: Outside;
  readonly tools: readonly ToolSpecification[];
  readonly earlierFailures: readonly string[];
  /** What was done before and is not to be relied on. */
  readonly rejections: readonly string[];
  /** What the whole is: its title, stack, constraints and what counts as success. */
  readonly project: string;
  /** What the agent type is told in place of the built-in prompt; null for that one. */
  readonly prompt: string | null;
  /** For a task that settles a merge conflict: which branch, which files. */
  readonly conflict: string;
  readonly plan: () => Promise<PlanDocument | null>;
  /** What the attempt may spend in all; null is no limit. */
  readonly allowance: () => Amount | null;
}

/** A question ready to be recorded, or what it lacks. */
export type Prepared =
  | { readonly kind: 'asked'; readonly events: readonly AgentEvent[] }
  | { readonly kind: 'short'; readonly missing: Amount }
  /** The last answer asked for more tools than are in the log. */
  | { readonly kind: 'unfinished'; readonly call: AnsweredCall }
  | { readonly kind: 'too_long' };

const outputTokens: Record<Purpose, number> = {
  approach: 4_096,
  act: 8_192,
  reflection: 2_048,
  criteria: 4_096,
  review: 8_192,
};
const answerNames: Record<Purpose, AnswerName | null> = {
  approach: 'approach',
  act: null,
  reflection: 'reflection',
  criteria: 'criteria',
  review: 'review',
};

/** Puts questions to the model together: what it is told, within its window and within the budget. */
export const questions = (dependencies: QuestionDependencies) => {
  const { assignment, contents, calls, model, memory, outside } = dependencies;
  const type = agentTypeOf(assignment);
  const system = systemPrompt(type, assignment.mode, dependencies.prompt);

  const opening = async (state: AgentState, purpose: Purpose, signal: AbortSignal) => {
    const { sections, used } = await sectionsOf(state, purpose, signal);
    const message: ChatMessage = {
      role: 'user',
      content: [{ kind: 'text', text: question(purpose, sections) }],
    };
    return { messages: [message], used };
  };

  const sectionsOf = async (
    state: AgentState,
    purpose: Purpose,
    signal: AbortSignal,
  ): Promise<{ sections: readonly Section[]; used: readonly string[] }> => {
    const base = [taskSection(assignment), criteriaSection(assignment)];
    if (assignment.mode === 'plain') {
      const sections = [
        rejectedSection(dependencies.rejections),
        learningsSection(dependencies.earlierFailures),
      ];
      return { sections: [...base, ...sections], used: [] };
    }
    switch (purpose) {
      case 'approach':
      case 'act': {
        const { sections, used } = await surroundings(state, signal);
        return { sections: [...base, ...sections], used };
      }
      case 'reflection':
        return {
          sections: [
            ...base,
            await approachSection(state),
            learningsSection(state.learnings),
            await diffSection(state, signal),
          ],
          used: [],
        };
      case 'criteria':
        return {
          sections: [
            ...base,
            await checksSection(contents, state.checks ?? []),
            await diffSection(state, signal),
          ],
          used: [],
        };
      case 'review': {
        const notes = state.conversation ? textOf(await memory.answer(state.conversation)) : '';
        const plan = planSections(assignment, await dependencies.plan());
        return {
          sections: [...base, ...plan, await diffSection(state, signal), { name: 'notes', content: notes }],
          used: [],
        };
      }
    }
  };

  /** What an agent has to know before it begins: the plan, the files, and what was learned before it. */
  const surroundings = async (state: AgentState, signal: AbortSignal) => {
    const files = await outside.files(state, signal);
    const known = await outside.known(signal);
    const reviews = assignment.mode === 'review';
    const sections = [
      { name: 'project', content: dependencies.project },
      ...planSections(assignment, await dependencies.plan()),
      { name: 'files', content: files },
      ...(reviews ? [await diffSection(state, signal)] : []),
      await approachSection(state),
      rejectedSection(dependencies.rejections),
      learningsSection([...dependencies.earlierFailures, ...state.learnings]),
      { name: 'knowledge', content: known.text },
      await checksSection(contents, state.earlierChecks),
      { name: 'conflict', content: dependencies.conflict },
      messagesSection(state.inbox),
    ];
    return { sections, used: known.nodeIds };
  };

  const approachSection = async ({ approach }: AgentState): Promise<Section> => ({
    name: 'approach',
    content: approach ? await contents.read(approach) : '',
  });

  const diffSection = async (state: AgentState, signal: AbortSignal): Promise<Section> => ({
    name: 'diff',
    content: await outside.diff(state, signal),
  });

  /** The conversation goes on from the last recorded request: after a crash it is read back, word for word. */
  const following = async (state: AgentState, last: AnsweredCall): Promise<readonly ChatMessage[]> => {
    const request = await memory.request(last);
    const answer = await memory.answer(last);
    const results = await toolResults(state, answer.content);
    const reply: ContentPart[] = results.length > 0 ? results : [{ kind: 'text', text: goOn }];
    if (state.inbox.length > 0)
      reply.push({ kind: 'text', text: question('act', [messagesSection(state.inbox)]) });
    return continued(request.messages, answer.content, reply);
  };

  const toolResults = async (state: AgentState, content: readonly ContentPart[]): Promise<ContentPart[]> => {
    const asked = content.filter((part) => part.kind === 'tool_call');
    return Promise.all(
      asked.map(async (part, index): Promise<ContentPart> => {
        const use = state.tools[index];
        const text = use?.result ? await contents.read(use.result) : 'It was not run.';
        return { kind: 'tool_result', id: part.id, content: text, failed: use?.outcome !== 'succeeded' };
      }),
    );
  };

  const hasMoreTools = async (state: AgentState, last: AnsweredCall): Promise<boolean> => {
    const { content } = await memory.answer(last);
    return content.filter((part) => part.kind === 'tool_call').length > state.tools.length;
  };

  const messagesFor = async (state: AgentState, purpose: Purpose, signal: AbortSignal) => {
    const talk =
      purpose === 'act' && state.conversation
        ? { messages: await following(state, state.conversation), used: [] }
        : await opening(state, purpose, signal);
    if (state.failure?.code !== 'MODEL_INVALID_ANSWER') return talk;
    const [first, ...rest] = talk.messages.toReversed();
    if (!first) return talk;
    // Beside the last message, not after it: two of one side in a row are refused by some providers.
    const note: ContentPart = { kind: 'text', text: repairRequest(state.failure.message) };
    return { ...talk, messages: [...rest.reverse(), { ...first, content: [...first.content, note] }] };
  };

  const requestWith = (purpose: Purpose, messages: readonly ChatMessage[]): ChatRequest => {
    const name = answerNames[purpose];
    return {
      model: assignment.model,
      system,
      messages,
      tools: purpose === 'act' ? dependencies.tools : [],
      answer: name === null ? null : answerSpecification(name),
      maxOutputTokens: outputTokens[purpose],
      temperature: type.temperature,
    };
  };

  const within = (state: AgentState, request: ChatRequest) => {
    const whole = model.measure(request);
    // A provider that said "too long" counts otherwise than we do: then half of what we take for its window has to do.
    const room = (state.overflows > 0 ? 0.5 : 1) * whole.contextWindow - request.maxOutputTokens;
    if (whole.inputTokens <= room) return { request, measured: whole, dropped: 0, before: whole.inputTokens };
    // Some air, so that not each of the next calls has to be shortened again.
    const wanted = room * 0.75;
    const fits = (messages: readonly ChatMessage[]) =>
      model.measure({ ...request, messages }).inputTokens <= wanted;
    const { messages, dropped } = compacted(request.messages, fits);
    const shorter = { ...request, messages };
    const measured = model.measure(shorter);
    return measured.inputTokens <= room
      ? { request: shorter, measured, dropped, before: whole.inputTokens }
      : null;
  };

  return {
    prepare: async (state: AgentState, purpose: Purpose, signal: AbortSignal): Promise<Prepared> => {
      if (purpose === 'act' && state.conversation && (await hasMoreTools(state, state.conversation))) {
        return { kind: 'unfinished', call: state.conversation };
      }
      const { messages, used } = await messagesFor(state, purpose, signal);
      const fitting = within(state, requestWith(purpose, messages));
      if (fitting === null) return { kind: 'too_long' };
      const missing = shortfall(fitting.measured.worstCase, state, dependencies.allowance());
      if (missing) return { kind: 'short', missing };
      const callId = `${assignment.attemptId}.c${state.calls + 1}`;
      const requested = await calls.prepare(model, fitting.request, {
        callId,
        purpose,
        allowance: fitting.measured.worstCase,
      });
      memory.keepRequest(callId, fitting.request);
      const events: AgentEvent[] = [];
      if (fitting.dropped > 0) {
        const tokensAfter = fitting.measured.inputTokens;
        const data = { droppedMessages: fitting.dropped, tokensBefore: fitting.before, tokensAfter };
        events.push({ type: 'agent.context_compacted', data });
      }
      if (used.length > 0) events.push({ type: 'agent.knowledge_used', data: { nodeIds: [...used] } });
      return { kind: 'asked', events: [...events, requested] };
    },
  };
};
export type Questions = ReturnType<typeof questions>;

/** What the worst case needs beyond what is left of the allowance; null when it fits. */
const shortfall = (worstCase: Amount, state: AgentState, allowance: Amount | null): Amount | null => {
  if (allowance === null) return null;
  const tokens = worstCase.tokens - (allowance.tokens - tokensOf(state.usage));
  const microUsd = worstCase.microUsd - (allowance.microUsd - state.usage.costMicroUsd);
  if (tokens <= 0 && microUsd <= 0) return null;
  return { tokens: Math.max(0, tokens), microUsd: Math.max(0, microUsd) };
};

const textOf = ({ content }: { readonly content: readonly ContentPart[] }): string =>
  content.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
