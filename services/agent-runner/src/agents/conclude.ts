import type { AgentEvent, BlobReference, CheckResult } from '@partitura/shared/events';
import type {
  ApproachAnswer,
  CriteriaAnswer,
  ReflectionAnswer,
  ReviewAnswer,
} from '@partitura/shared/prompts';
import type { Assignment } from './assignment.ts';
import { succeeded } from './endings.ts';
import { stepEntered } from './next.ts';
import type { AgentState } from './state.ts';

type DataOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>['data'];

/** What an answer that is in the log says, read back and of the right shape. */
export type Conclusion =
  | { readonly purpose: 'approach'; readonly answer: ApproachAnswer; readonly content: BlobReference }
  | {
      readonly purpose: 'tools';
      readonly calls: readonly { readonly tool: string; readonly arguments: BlobReference }[];
    }
  | { readonly purpose: 'text'; readonly text: string }
  | { readonly purpose: 'reflection'; readonly answer: ReflectionAnswer; readonly content: BlobReference }
  | { readonly purpose: 'criteria'; readonly answer: CriteriaAnswer }
  | { readonly purpose: 'review'; readonly answer: ReviewAnswer };

/** What came of an intent. */
export type Outcome =
  | { readonly kind: 'claimed'; readonly spawned: DataOf<'agent.spawned'> }
  /** `inherited`: whoever had it works on it, in the run that this one was forked from. */
  | { readonly kind: 'taken_up'; readonly runner: string; readonly inherited?: boolean }
  | { readonly kind: 'workspace_prepared'; readonly workspace: DataOf<'agent.workspace_prepared'> }
  | { readonly kind: 'answered'; readonly answered: DataOf<'model.answered'> }
  | { readonly kind: 'unanswered'; readonly failed: DataOf<'model.failed'>; readonly until: string | null }
  | { readonly kind: 'digested'; readonly conclusion: Conclusion }
  | { readonly kind: 'tool_returned'; readonly returned: DataOf<'tool.returned'> }
  | { readonly kind: 'committed'; readonly checkpoint: DataOf<'agent.checkpoint_committed'> | null }
  | { readonly kind: 'checked'; readonly checks: readonly CheckResult[] };

/** What the log says of an outcome. Pure, and of the state before it. */
export const conclude = (
  state: AgentState,
  assignment: Assignment,
  outcome: Outcome,
): readonly AgentEvent[] => {
  switch (outcome.kind) {
    case 'claimed':
      return [{ type: 'agent.spawned', data: outcome.spawned }];
    case 'taken_up':
      return takenUp(state, outcome);
    case 'workspace_prepared':
      return [{ type: 'agent.workspace_prepared', data: outcome.workspace }];
    case 'answered':
      return [{ type: 'model.answered', data: outcome.answered }];
    case 'unanswered':
      return unanswered(outcome.failed, outcome.until);
    case 'digested':
      return digested(state, assignment, outcome.conclusion);
    case 'tool_returned':
      return [{ type: 'tool.returned', data: outcome.returned }];
    case 'committed':
      // A cycle that changed nothing leaves no commit; that it is over has to be in the log all the same.
      return outcome.checkpoint
        ? [{ type: 'agent.checkpoint_committed', data: outcome.checkpoint }]
        : [stepEntered('reflect', state.cycle)];
    case 'checked':
      return [{ type: 'agent.checked', data: { cycle: state.cycle, checks: [...outcome.checks] } }];
  }
};

/** Nobody says goodbye in a crash: whoever takes over from a runner that did not let go says it in its place. */
const takenUp = (
  state: AgentState,
  { runner, inherited }: Extract<Outcome, { kind: 'taken_up' }>,
): AgentEvent[] => {
  const resumed: AgentEvent = { type: 'agent.resumed', data: { runner, step: state.step } };
  if (state.life === 'released' || inherited) return [resumed];
  const detail = state.openCall ? `While it waited for ${state.openCall.callId}.` : 'Between two steps.';
  return [{ type: 'agent.crashed', data: { runner: state.runner ?? 'unknown', detail } }, resumed];
};

const unanswered = (data: DataOf<'model.failed'>, until: string | null): AgentEvent[] => {
  const events: AgentEvent[] = [{ type: 'model.failed', data }];
  if (until !== null) events.push({ type: 'agent.rate_limited', data: { until, problem: data.problem } });
  return events;
};

const digested = (state: AgentState, assignment: Assignment, conclusion: Conclusion): AgentEvent[] => {
  switch (conclusion.purpose) {
    case 'approach':
      return [
        {
          type: 'agent.approach_chosen',
          data: { summary: conclusion.answer.summary, content: conclusion.content },
        },
      ];
    case 'tools':
      return toolCalls(state, conclusion.calls);
    case 'text':
      return [succeeded(state, assignment, { summary: firstLine(conclusion.text) || assignment.task.title })];
    case 'reflection': {
      const { summary, learnings, decisions } = conclusion.answer;
      const said = decisions.map(({ title, reason }) => (reason ? `${title}: ${reason}` : title));
      return [
        {
          type: 'agent.reflected',
          data: { summary, learnings, decisions: said, content: conclusion.content },
        },
      ];
    }
    case 'criteria':
      return [{ type: 'agent.verified', data: judge(state, assignment, conclusion.answer) }];
    case 'review': {
      const { summary, findings } = conclusion.answer;
      return [succeeded(state, assignment, { summary, findings })];
    }
  }
};

/** The id of a call is made of the answer's, not the provider's, which may come again in the next answer. */
const toolCalls = (
  state: AgentState,
  calls: readonly { readonly tool: string; readonly arguments: BlobReference }[],
): AgentEvent[] => {
  const callId = state.answered?.callId ?? '';
  return calls
    .map(
      (call, index): AgentEvent => ({
        type: 'tool.called',
        data: { toolCallId: `${callId}.${index + 1}`, tool: call.tool, arguments: call.arguments },
      }),
    )
    .slice(state.tools.length);
};

const judge = (
  state: AgentState,
  assignment: Assignment,
  answer: CriteriaAnswer,
): DataOf<'agent.verified'> => {
  const said = new Map(answer.criteria.map((one) => [one.criterion, one]));
  const criteria = assignment.task.acceptanceCriteria.map((criterion, index) => {
    const judged = said.get(criterion) ?? answer.criteria[index];
    return judged
      ? { criterion, met: judged.met, evidence: judged.evidence }
      : { criterion, met: false, evidence: 'Nothing was said of it.' };
  });
  const checks = [...(state.checks ?? [])];
  const passed = checks.every(({ outcome }) => outcome !== 'failed') && criteria.every(({ met }) => met);
  return { cycle: state.cycle, passed, checks, criteria };
};

const firstLine = (text: string): string => text.trim().split('\n', 1)[0]?.slice(0, 500) ?? '';
