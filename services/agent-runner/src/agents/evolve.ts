import { type AgentEvent, type AgentStep, addUsage } from '@partitura/shared/events';
import { repetitionOf } from '@partitura/shared/policies';
import { isOutage } from './model-problems.ts';
import type { AgentState, AnsweredCall, Purpose, ToolUse } from './state.ts';
import { purposes } from './state.ts';

/** Folds an agent's stream. Copies: the runner looks ahead on a state that is not in the log yet. */
export const evolve = (state: AgentState, event: AgentEvent): AgentState => {
  switch (event.type) {
    case 'agent.spawned':
      return { ...state, life: 'working', runner: event.data.runner, claims: 1 };
    case 'agent.workspace_prepared':
      return { ...state, workspace: event.data };
    case 'agent.step_entered':
      return enter(state, event.data.step, event.data.cycle);
    case 'model.requested':
    case 'model.answered':
    case 'model.failed':
      return evolveCall(state, event);
    case 'agent.approach_chosen':
      return { ...state, approach: event.data.content, digested: true };
    case 'tool.called':
    case 'tool.returned':
      return evolveTool(state, event);
    case 'agent.checkpoint_committed':
      return { ...state, commit: event.data.commit, committedCycle: state.cycle, uncommitted: [] };
    case 'agent.reflected':
      return { ...state, reflection: event.data.summary, digested: true };
    case 'agent.learning_recorded':
      return {
        ...state,
        learnings: [...state.learnings, event.data.learning],
        learnedCycle: event.data.cycle,
      };
    case 'agent.checked':
      return { ...state, checks: event.data.checks };
    case 'agent.verified':
      return { ...state, verified: event.data, digested: true };
    case 'agent.message_sent':
    case 'agent.knowledge_used':
    case 'agent.context_compacted':
      return state;
    case 'agent.message_received':
      return {
        ...state,
        inbox: [...state.inbox, event.data],
        received: [...state.received, event.data.messageId],
      };
    case 'agent.interrupted': {
      const { from, reason, messageId } = event.data;
      const text = `Stop what you are at. ${reason}`.trim();
      return {
        ...state,
        interrupted: true,
        inbox: [...state.inbox, { from, text, messageId }],
        received: [...state.received, messageId],
      };
    }
    case 'agent.allowance_requested':
      return {
        ...state,
        requestedAllowance: { requestId: event.data.requestId },
        allowanceRequests: state.allowanceRequests + 1,
      };
    case 'agent.rate_limited':
      return { ...state, waitUntil: event.data.until };
    case 'agent.released':
      return { ...state, life: 'released' };
    case 'agent.crashed':
      return { ...state, life: 'released', runner: null };
    case 'agent.resumed':
      return { ...state, life: 'working', runner: event.data.runner, claims: state.claims + 1 };
    case 'agent.finished':
      return { ...state, life: 'finished', openCall: null };
  }
};

/** A new step; a new cycle begins with nothing but what was learned. */
const enter = (state: AgentState, step: AgentStep, cycle: number): AgentState => {
  // Nobody reflects before all there is was committed.
  const uncommitted = step === 'reflect' ? [] : state.uncommitted;
  const entered: AgentState = { ...state, step, cycle, stepEntered: true, uncommitted };
  if (cycle === state.cycle) return entered;
  return {
    ...entered,
    approach: null,
    conversation: null,
    answered: null,
    digested: true,
    turns: 0,
    tools: [],
    repeats: {},
    loop: null,
    reflection: null,
    checks: null,
    earlierChecks: state.checks ?? [],
    verified: null,
    failure: null,
    repairs: 0,
    overflows: 0,
  };
};

type CallEvent = Extract<AgentEvent, { type: 'model.requested' | 'model.answered' | 'model.failed' }>;
type DataOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>['data'];

const evolveCall = (state: AgentState, event: CallEvent): AgentState => {
  switch (event.type) {
    case 'model.requested':
      return requested(state, event.data);
    case 'model.answered':
      return state.openCall ? answered(state, { ...state.openCall, answered: event.data }) : state;
    case 'model.failed':
      return unanswered(state, event.data);
  }
};

const requested = (state: AgentState, data: DataOf<'model.requested'>): AgentState => {
  const purpose = purposeOf(data.purpose);
  return {
    ...state,
    calls: state.calls + 1,
    openCall: { callId: data.callId, purpose, requested: data },
    interrupted: false,
    waitUntil: null,
    requestedAllowance: null,
    inbox: purpose === 'act' || purpose === 'approach' ? [] : state.inbox,
  };
};

const answered = (state: AgentState, call: AnsweredCall): AgentState => {
  const after: AgentState = {
    ...state,
    openCall: null,
    answered: call,
    digested: false,
    failure: null,
    repairs: 0,
    overflows: 0,
    outages: 0,
    usage: addUsage(state.usage, call.answered.usage),
  };
  if (call.purpose !== 'act') return after;
  return { ...after, conversation: call, tools: [], turns: state.turns + 1 };
};

const unanswered = (state: AgentState, { problem, usage }: DataOf<'model.failed'>): AgentState => ({
  ...state,
  openCall: null,
  failure: { ...problem, purpose: state.openCall?.purpose ?? 'act' },
  repairs: state.repairs + (problem.code === 'MODEL_INVALID_ANSWER' ? 1 : 0),
  overflows: state.overflows + (problem.code === 'MODEL_CONTEXT_OVERFLOW' ? 1 : 0),
  outages: isOutage(problem.code) ? state.outages + 1 : 0,
  usage: addUsage(state.usage, usage),
});

const purposeOf = (value: string): Purpose => purposes.find((purpose) => purpose === value) ?? 'act';

type ToolEvent = Extract<AgentEvent, { type: 'tool.called' | 'tool.returned' }>;

const evolveTool = (state: AgentState, event: ToolEvent): AgentState => {
  if (event.type === 'tool.called') {
    const { toolCallId, tool } = event.data;
    const use: ToolUse = { toolCallId, tool, arguments: event.data.arguments, outcome: null, result: null };
    return { ...state, digested: true, tools: [...state.tools, use], toolCalls: state.toolCalls + 1 };
  }
  const { toolCallId, outcome, result } = event.data;
  const tools = state.tools.map((use) => (use.toolCallId === toolCallId ? { ...use, outcome, result } : use));
  const used = tools.find((use) => use.toolCallId === toolCallId);
  if (!used) return state;
  const key = repetitionOf(used, result);
  const times = (state.repeats[key] ?? 0) + 1;
  const worse = state.loop === null || times > state.loop.times;
  return {
    ...state,
    tools,
    uncommitted: mayHaveChangedFiles(used) ? [...state.uncommitted, used] : state.uncommitted,
    repeats: { ...state.repeats, [key]: times },
    loop: worse ? { tool: used.tool, times } : state.loop,
  };
};

/** A command that failed may have got half-way; a file tool that failed did nothing. */
const mayHaveChangedFiles = ({ tool, outcome }: ToolUse): boolean => {
  if (tool === 'run_command') return outcome !== 'refused';
  return (tool === 'write_file' || tool === 'edit_file') && outcome === 'succeeded';
};
