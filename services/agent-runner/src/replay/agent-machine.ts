import type { Replayed } from '@partitura/shared/replaying';
import { conclude } from '../agents/conclude.ts';
import { type Intent, next } from '../agents/next.ts';
import type { AgentState } from '../agents/state.ts';
import { type Ahead, decided, outcome, type Seen } from './recorded-ahead.ts';
import { claimed, takenUp, takerIn } from './recorded-employment.ts';
import { recordedOutcomes } from './recorded-outcomes.ts';
import { type RecordedQuestionsDependencies, recordedQuestions } from './recorded-questions.ts';
import { givenUp, isGivenUp, stoppedAgent } from './stopped-agent.ts';

export interface AgentMachineDependencies extends RecordedQuestionsDependencies {
  /** Default: what an agent does next live. */
  readonly next?: typeof next;
}

/** What an agent would record next, from where its stream stands, on the outcomes that were recorded. */
export interface AgentMachine {
  next(state: AgentState, ahead: Ahead, seen: Seen): Promise<readonly Replayed[]>;
  /** What was recorded is not what was made: it is read back from now on. */
  forget(): void;
}

const facts: ReadonlySet<string> = new Set([
  'agent.message_sent',
  'agent.message_received',
  'agent.interrupted',
  'agent.released',
]);

export const agentMachine = (dependencies: AgentMachineDependencies): AgentMachine => {
  const { assignment, contents } = dependencies;
  const nextIntent = dependencies.next ?? next;
  const { question, digested, forget } = recordedQuestions(dependencies);
  const { answered, usedTool, made } = recordedOutcomes(assignment, contents);

  const performed = async (
    state: AgentState,
    intent: Intent,
    ahead: Ahead,
    seen: Seen,
  ): Promise<readonly Replayed[]> => {
    switch (intent.kind) {
      case 'claim':
        return claimed(assignment, ahead, seen.view);
      case 'take_up':
        return takenUp(state, assignment, ahead);
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
    if (runner !== null) return decided(conclude(state, assignment, { kind: 'taken_up', runner, inherited }));
    if (now.type !== 'agent.finished') return null;
    const stopped = stoppedAgent(state, assignment, view, now, Date.parse(now.time));
    return stopped && decided([stopped]);
  };

  return {
    forget,
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
