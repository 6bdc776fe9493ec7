import type { AgentEvent, Amount, RecordedEvent } from '@partitura/shared/events';
import type { ChatModel, RecordedCalls } from '@partitura/shared/models';
import type { Replayed } from '@partitura/shared/replaying';
import type { Assignment } from '../agents/assignment.ts';
import { conclude, type Outcome } from '../agents/conclude.ts';
import type { Contents } from '../agents/contents.ts';
import { digest, notUsed, waitUntil } from '../agents/effects.ts';
import { type Memory, memory } from '../agents/memory.ts';
import { type Intent, next } from '../agents/next.ts';
import { type QuestionDependencies, questions } from '../agents/questions.ts';
import { type DecisionOn, tooLong, withoutAllowance } from '../agents/shortage.ts';
import type { AgentState, OpenCall, Purpose, ToolUse } from '../agents/state.ts';
import { ownPrompt, type runMaterial, toolsOf } from '../attempts/employment.ts';
import { allowanceOf, type RunView } from '../runs/run-view.ts';
import { toolBox } from '../tools/index.ts';
import { recordedMeasure, recordedOutside, recordedQuestion } from './recorded-outside.ts';
import { givenUp, isGivenUp, stoppedAgent } from './stopped-agent.ts';

type Recorded = RecordedEvent & AgentEvent;
type Ahead = readonly [Recorded, ...Recorded[]];
type DataOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>['data'];

export interface AgentMachineDependencies {
  readonly assignment: Assignment;
  readonly calls: RecordedCalls;
  readonly contents: Contents;
  readonly plan: (view: RunView) => ReturnType<QuestionDependencies['plan']>;
  /** Default: what an agent does next live. */
  readonly next?: typeof next;
}

/** What an agent would record next, from where its stream stands, on the outcomes that were recorded. */
export interface AgentMachine {
  /** `employed` is the run as its runner took the attempt up with it. */
  next(
    state: AgentState,
    ahead: Ahead,
    seen: {
      readonly view: RunView;
      readonly employed: RunMaterial;
      readonly since: number;
      readonly inherited: boolean;
    },
  ): Promise<readonly Replayed[]>;
  /** What was recorded is not what was made: it is read back from now on. */
  forget(): void;
}

type Seen = Parameters<AgentMachine['next']>[2];
type RunMaterial = ReturnType<typeof runMaterial>;

const decided = (events: readonly AgentEvent[]): readonly Replayed[] =>
  events.map((event) => ({ event, origin: 'decision' as const }));
/** What came of an effect, and what follows from that. */
const outcome = ([first, ...others]: readonly AgentEvent[]): readonly Replayed[] =>
  first ? [{ event: first, origin: 'outcome' as const }, ...decided(others)] : [];

const facts: ReadonlySet<string> = new Set([
  'agent.message_sent',
  'agent.message_received',
  'agent.interrupted',
  'agent.released',
]);

const refuse = (): never => {
  throw new Error('A replay asks nobody.');
};
const signal = new AbortController().signal;

export const agentMachine = (dependencies: AgentMachineDependencies): AgentMachine => {
  const { assignment, calls, contents } = dependencies;
  const nextIntent = dependencies.next ?? next;
  const plain = assignment.mode === 'plain';
  const tools = toolBox().specifications(plain ? [] : toolsOf(assignment));
  let remembered: Memory = memory(calls);

  const concluded = (state: AgentState, of: Outcome) => conclude(state, assignment, of);

  const digested = async (state: AgentState, call: Parameters<typeof digest>[1]) => {
    const effects = {
      contents,
      memory: remembered,
      calls,
      clock: { now: refuse, sleep: refuse },
      model: asking(refuse),
      useTool: refuse,
    };
    const conclusion = await digest(effects, call, assignment.mode);
    return decided(concluded(state, { kind: 'digested', conclusion }));
  };

  const question = async (
    state: AgentState,
    purpose: Purpose,
    ahead: Ahead,
    { view, employed }: Seen,
  ): Promise<readonly Replayed[]> => {
    const recorded = recordedQuestion(ahead);
    const allowance = allowanceOf(view, assignment.attemptId);
    const measure = recorded
      ? await recordedMeasure(recorded, calls)
      : measureOfNothing(ahead[0], state, allowance);
    const asked = questions({
      assignment,
      contents,
      calls,
      tools,
      ...employed,
      prompt: await ownPrompt(view, assignment, contents),
      memory: remembered,
      model: asking(measure),
      outside: recordedOutside(recorded, calls),
      plan: () => dependencies.plan(view),
      allowance: () => allowance,
    });
    const prepared = await asked.prepare(state, purpose, signal);
    switch (prepared.kind) {
      case 'asked':
        return decided(prepared.events);
      case 'unfinished':
        return digested(state, prepared.call);
      case 'too_long':
        return decided([tooLong(state, assignment)]);
      case 'short':
        return decided(short(state, prepared.missing, view));
    }
  };

  const short = (state: AgentState, missing: Amount, view: RunView): readonly AgentEvent[] => {
    const decisionOn: DecisionOn = (requestId) => view.decisions.get(requestId) ?? null;
    const follows = withoutAllowance(state, assignment, missing, decisionOn);
    return follows ? [follows] : [];
  };

  /** What a model said, and what follows from its failing. */
  const answered = (state: AgentState, call: OpenCall, ahead: Ahead, since: number): readonly Replayed[] => {
    const [said, then] = ahead;
    if (said.type === 'model.answered')
      return outcome(concluded(state, { kind: 'answered', answered: { ...said.data, callId: call.callId } }));
    if (said.type !== 'model.failed') return [];
    const data = { ...said.data, callId: call.callId };
    const waited = waitUntil(state, { type: 'model.failed', data }, 0);
    const limited = then?.type === 'agent.rate_limited' ? Date.parse(then.data.until) : null;
    // Counted from when the answer came, between the question's event and this one.
    const came = waited === null || limited === null ? Number.NaN : limited - Date.parse(waited);
    const now = came >= since && came <= Date.parse(said.time) ? came : Date.parse(said.time);
    const until = waitUntil(state, { type: 'model.failed', data }, now);
    return outcome(concluded(state, { kind: 'unanswered', failed: data, until }));
  };

  const claimed = ([now, then]: Ahead, view: RunView): readonly Replayed[] =>
    now.type === 'agent.spawned' ? decided([spawned(assignment, view, now.data, then)]) : [];

  const takenUp = (state: AgentState, [now]: Ahead): readonly Replayed[] =>
    now.type === 'agent.resumed'
      ? decided(concluded(state, { kind: 'taken_up', runner: now.data.runner }))
      : [];

  const made = (state: AgentState, intent: Intent, [now]: Ahead): readonly Replayed[] => {
    switch (intent.kind) {
      case 'prepare_workspace':
        return now.type === 'agent.workspace_prepared'
          ? outcome(concluded(state, { kind: 'workspace_prepared', workspace: now.data }))
          : [];
      case 'commit':
        return now.type === 'agent.checkpoint_committed'
          ? outcome(concluded(state, { kind: 'committed', checkpoint: now.data }))
          : decided(concluded(state, { kind: 'committed', checkpoint: null }));
      case 'check':
        return now.type === 'agent.checked'
          ? outcome(concluded(state, { kind: 'checked', checks: now.data.checks }))
          : [];
      default:
        return [];
    }
  };

  const usedTool = async (state: AgentState, use: ToolUse, [now]: Ahead): Promise<readonly Replayed[]> => {
    if (state.interrupted) return decided(concluded(state, await notUsed({ contents }, use, 'refused')));
    if (now.type !== 'tool.returned') return [];
    const { toolCallId, tool } = use;
    return outcome(concluded(state, { kind: 'tool_returned', returned: { ...now.data, toolCallId, tool } }));
  };

  const performed = async (
    state: AgentState,
    intent: Intent,
    ahead: Ahead,
    seen: Seen,
  ): Promise<readonly Replayed[]> => {
    switch (intent.kind) {
      case 'claim':
        return claimed(ahead, seen.view);
      case 'take_up':
        return takenUp(state, ahead);
      case 'record':
        return decided(intent.events);
      case 'digest':
        return digested(state, intent.call);
      case 'question':
        return question(state, intent.purpose, ahead, seen);
      case 'ask':
        return answered(state, intent.call, ahead, seen.since);
      case 'use_tool':
        return usedTool(state, intent.use, ahead);
      default:
        return made(state, intent, ahead);
    }
  };

  /** Whatever the agent is at: what others did to it. */
  const befallen = (
    state: AgentState,
    [now, then]: Ahead,
    { view, inherited }: Seen,
  ): readonly Replayed[] | null => {
    if (state.life !== 'working') return null;
    if (facts.has(now.type)) return outcome([now]);
    const runner = takerIn(now, then, inherited);
    if (runner !== null) return decided(concluded(state, { kind: 'taken_up', runner, inherited }));
    if (now.type !== 'agent.finished') return null;
    const stopped = stoppedAgent(state, assignment, view, now, Date.parse(now.time));
    return stopped && decided([stopped]);
  };

  return {
    forget: () => {
      remembered = memory(calls);
    },
    next: async (state, ahead, seen) => {
      const [now] = ahead;
      const others = befallen(state, ahead, seen);
      if (others) return others;
      const intent = nextIntent(state, assignment, Date.parse(now.time));
      const own = await performed(state, intent, ahead, seen);
      const ends = own.some(({ event }) => event.type === 'agent.finished');
      return isGivenUp(now, state) && !ends ? outcome([givenUp(state, assignment, now)]) : own;
    },
  };
};

/** Who took the attempt up from whoever had it; null when that is not what was recorded. */
const takerIn = (now: AgentEvent, then: AgentEvent | undefined, inherited: boolean): string | null => {
  if (inherited) return now.type === 'agent.resumed' ? now.data.runner : null;
  if (now.type !== 'agent.crashed') return null;
  return then?.type === 'agent.resumed' ? then.data.runner : 'unknown';
};

const asking = (measure: ChatModel['measure']): ChatModel => ({
  provider: 'recorded',
  chat: refuse,
  measure,
});

/** The claim of a runner that then could not begin names no branch, and what was set aside at first. */
const spawned = (
  { taskId, attempt, agentType, model, branch, attemptId }: Assignment,
  view: RunView,
  { runner, branch: named }: DataOf<'agent.spawned'>,
  then: AgentEvent | undefined,
): AgentEvent => {
  const failedAtOnce = named === null && then?.type === 'agent.finished';
  const allowance = failedAtOnce
    ? (view.attempts.get(attemptId)?.reservation ?? null)
    : allowanceOf(view, attemptId);
  return {
    type: 'agent.spawned',
    data: { taskId, attempt, agentType, model, runner, allowance, branch: failedAtOnce ? null : branch },
  };
};

/** Of a question that was not asked: what the record says became of it. */
const measureOfNothing = (
  recorded: AgentEvent,
  { usage }: AgentState,
  allowance: ReturnType<typeof allowanceOf>,
): ChatModel['measure'] => {
  const fits = { inputTokens: 0, contextWindow: Number.MAX_SAFE_INTEGER };
  if (recorded.type === 'agent.allowance_requested') {
    const { amount } = recorded.data;
    const spent = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    const worstCase = {
      tokens: amount.tokens + (allowance?.tokens ?? 0) - spent,
      microUsd: amount.microUsd + (allowance?.microUsd ?? 0) - usage.costMicroUsd,
    };
    return () => ({ ...fits, worstCase });
  }
  const { code } = (recorded.type === 'agent.finished' &&
    recorded.data.outcome === 'failed' &&
    recorded.data.problem) || { code: '' };
  const worst = code === 'BUDGET_DENIED' ? Number.MAX_SAFE_INTEGER : 0;
  const worstCase = { tokens: worst, microUsd: worst };
  return () =>
    code === 'MODEL_CONTEXT_OVERFLOW'
      ? { inputTokens: 1, contextWindow: 0, worstCase }
      : { ...fits, worstCase };
};
