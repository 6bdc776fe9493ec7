import type { AgentEvent, Amount } from '@partitura/shared/events';
import type { ChatModel, RecordedCalls } from '@partitura/shared/models';
import type { Replayed } from '@partitura/shared/replaying';
import type { Assignment } from '../agents/assignment.ts';
import { conclude } from '../agents/conclude.ts';
import type { Contents } from '../agents/contents.ts';
import { digest } from '../agents/effects.ts';
import { type Memory, memory } from '../agents/memory.ts';
import { type QuestionDependencies, questions } from '../agents/questions.ts';
import { type DecisionOn, tooLong, withoutAllowance } from '../agents/shortage.ts';
import type { AgentState, AnsweredCall, Purpose } from '../agents/state.ts';
import { ownPrompt, toolsOf } from '../attempts/employment.ts';
import { allowanceOf, type RunView } from '../runs/run-view.ts';
import { toolBox } from '../tools/index.ts';
import { type Ahead, decided, refuse, type Seen } from './recorded-ahead.ts';
import { measureOfNothing, recordedMeasure } from './recorded-measures.ts';
import { recordedOutside, recordedQuestion } from './recorded-outside.ts';

export interface RecordedQuestionsDependencies {
  readonly assignment: Assignment;
  readonly calls: RecordedCalls;
  readonly contents: Contents;
  readonly plan: (view: RunView) => ReturnType<QuestionDependencies['plan']>;
}

/** What an agent asks its model, and what it takes from the answers, by the very code that asks live. */
export interface RecordedQuestions {
  question(state: AgentState, purpose: Purpose, ahead: Ahead, seen: Seen): Promise<readonly Replayed[]>;
  digested(state: AgentState, call: AnsweredCall): Promise<readonly Replayed[]>;
  /** What was recorded is not what was made: it is read back from now on. */
  forget(): void;
}

const signal = new AbortController().signal;

export const recordedQuestions = (dependencies: RecordedQuestionsDependencies): RecordedQuestions => {
  const { assignment, calls, contents } = dependencies;
  const plain = assignment.mode === 'plain';
  const tools = toolBox().specifications(plain ? [] : toolsOf(assignment));
  let remembered: Memory = memory(calls);

  const digested: RecordedQuestions['digested'] = async (state, call) => {
    const effects = {
      contents,
      memory: remembered,
      calls,
      clock: { now: refuse, sleep: refuse },
      model: asking(refuse),
      useTool: refuse,
    };
    const conclusion = await digest(effects, call, assignment.mode);
    return decided(conclude(state, assignment, { kind: 'digested', conclusion }));
  };

  const question: RecordedQuestions['question'] = async (state, purpose, ahead, { view, employed }) => {
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

  return {
    question,
    digested,
    forget: () => {
      remembered = memory(calls);
    },
  };
};

const asking = (measure: ChatModel['measure']): ChatModel => ({
  provider: 'recorded',
  chat: refuse,
  measure,
});
