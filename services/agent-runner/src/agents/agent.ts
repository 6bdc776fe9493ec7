import { isRevisionConflict } from '@partitura/shared/event-store';
import type { AgentEvent, Amount } from '@partitura/shared/events';
import type { StreamSession } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { Assignment } from './assignment.ts';
import { conclude, type Outcome } from './conclude.ts';
import type { AttemptControl } from './control.ts';
import { ask, digest, type EffectDependencies, notUsed, useTool } from './effects.ts';
import { cancelled, failed } from './endings.ts';
import { evolve } from './evolve.ts';
import { type Intent, next } from './next.ts';
import type { Questions } from './questions.ts';
import { type DecisionOn, tooLong, withoutAllowance } from './shortage.ts';
import type { AgentState, Purpose, ToolUse } from './state.ts';
import type { Workplace } from './workplace.ts';

export interface Agent {
  readonly session: StreamSession<AgentState, AgentEvent>;
  readonly assignment: Assignment;
  readonly runner: string;
  readonly clock: Clock;
  readonly control: AttemptControl;
  readonly effects: EffectDependencies;
  readonly questions: Questions;
  readonly workplace: Workplace;
  readonly allowance: () => Amount | null;
  readonly decisionOn: DecisionOn;
  /** Messages that were sent and received meanwhile: facts to be recorded with the next append. */
  readonly takeFacts: (state: AgentState) => readonly AgentEvent[];
}

/** What is not in the log yet, and the state as it will be when it is. */
interface Ahead {
  state(): AgentState;
  add(events: readonly AgentEvent[]): void;
  /** Durable when it resolves. @throws {ConcurrencyError} when somebody else has the attempt */
  flush(): Promise<void>;
}

const lookAhead = (session: Agent['session']): Ahead => {
  let state = session.state();
  let pending: AgentEvent[] = [];
  return {
    state: () => state,
    add: (events) => {
      for (const event of events) state = evolve(state, event);
      pending.push(...events);
    },
    flush: async () => {
      const events = pending;
      pending = [];
      await session.append(events);
    },
  };
};

/**
 * Works an attempt to its end, from wherever its stream stands. Each turn is one append: the outcome of the last effect, what
 * follows from it, and the intent of the next. Nothing is done before its intent is durable; a runner that was replaced is
 * refused at its next append and stops without having done anything more.
 * @throws {ConcurrencyError} when somebody else has the attempt
 */
export const work = async (agent: Agent): Promise<'finished' | 'released'> => {
  const ahead = lookAhead(agent.session);
  // Whoever had it last did not let go of it.
  if (ahead.state().life === 'working') {
    ahead.add(takenUp(agent, ahead.state()));
    await ahead.flush();
  }
  for (;;) {
    const state = ahead.state();
    const intent = next(state, agent.assignment, agent.clock.now());
    if (intent.kind === 'finished') {
      await ahead.flush();
      return 'finished';
    }
    const follows = await withoutEffect(agent, state, intent);
    if (follows !== null) {
      ahead.add(follows);
      // The claim stands before the work tree is opened and noted as this claim's.
      if (intent.kind === 'take_up') await ahead.flush();
    } else if ((await turn(agent, ahead, intent)) === 'released') return 'released';
  }
};

/** One effect, its intent durable before it; or the end of it all, if somebody says so. */
const turn = async (agent: Agent, ahead: Ahead, intent: Intent): Promise<'on' | 'released'> => {
  const stop = stopping(agent, ahead.state());
  if (stop) {
    ahead.add(stop);
    if (ahead.state().life === 'finished') return 'on';
    await ahead.flush();
    return 'released';
  }
  if (intent.kind !== 'question') await ahead.flush();
  ahead.add(await unlessInterrupted(agent, () => withEffect(agent, ahead, intent)));
  ahead.add(agent.takeFacts(ahead.state()));
  return 'on';
};

const takenUp = ({ assignment, runner, session }: Agent, state: AgentState): readonly AgentEvent[] =>
  conclude(state, assignment, { kind: 'taken_up', runner, inherited: session.revision() < 0 });

/** What needs nothing but the log; null for what has an effect. */
const withoutEffect = async (
  agent: Agent,
  state: AgentState,
  intent: Intent,
): Promise<readonly AgentEvent[] | null> => {
  const { assignment } = agent;
  switch (intent.kind) {
    case 'record':
      return intent.events;
    case 'claim':
      return conclude(state, assignment, claimed(agent));
    case 'take_up':
      return takenUp(agent, state);
    case 'digest': {
      const conclusion = await digest(agent.effects, intent.call, assignment.mode);
      return conclude(state, assignment, { kind: 'digested', conclusion });
    }
    default:
      return null;
  }
};

const withEffect = async (agent: Agent, ahead: Ahead, intent: Intent): Promise<readonly AgentEvent[]> => {
  if (intent.kind === 'question') return question(agent, ahead, intent.purpose);
  const state = ahead.state();
  const outcome = await perform(agent, state, intent);
  return outcome ? conclude(state, agent.assignment, outcome) : [];
};

/** An interruption breaks off what is at work; what follows from it is decided at the top of the next turn. */
const unlessInterrupted = async (
  { control }: Agent,
  effect: () => Promise<readonly AgentEvent[]>,
): Promise<readonly AgentEvent[]> => {
  try {
    return await effect();
  } catch (error) {
    if (control.interruption() && !isRevisionConflict(error)) return [];
    throw error;
  }
};

const claimed = ({ assignment, runner, allowance }: Agent): Outcome => ({
  kind: 'claimed',
  spawned: {
    taskId: assignment.taskId,
    attempt: assignment.attempt,
    agentType: assignment.agentType,
    model: assignment.model,
    runner,
    allowance: allowance(),
    branch: assignment.branch,
  },
});

const perform = async (agent: Agent, state: AgentState, intent: Intent): Promise<Outcome | null> => {
  const { effects, workplace, control } = agent;
  const { signal } = control;
  switch (intent.kind) {
    case 'ask':
      return ask(effects, state, intent.call, signal);
    case 'use_tool':
      return useUnlessBrokenOff(agent, state, intent.use);
    case 'prepare_workspace':
      return { kind: 'workspace_prepared', workspace: await workplace.prepare(state, signal) };
    case 'commit':
      return { kind: 'committed', checkpoint: await workplace.commit(state, signal) };
    case 'check':
      return { kind: 'checked', checks: await workplace.check(state, signal) };
    case 'wait':
      await control.sleepUntil(Date.parse(intent.until));
      return null;
    default:
      return null;
  }
};

/** An operator may stop a tool that is at work, and those that were asked for with it are not used. */
const useUnlessBrokenOff = async (
  { effects, control }: Agent,
  state: AgentState,
  use: ToolUse,
): Promise<Outcome> => {
  const brokenOff = control.brokenOff();
  if (state.interrupted) return notUsed(effects, use, 'refused');
  try {
    return await useTool(effects, state, use, AbortSignal.any([control.signal, brokenOff]));
  } catch (error) {
    if (!brokenOff.aborted || control.interruption() || isRevisionConflict(error)) throw error;
    return notUsed(effects, use, 'failed');
  }
};

/** Records the next question, or sees to it that it may be asked. */
const question = async (agent: Agent, ahead: Ahead, purpose: Purpose): Promise<readonly AgentEvent[]> => {
  const { assignment, control } = agent;
  const state = ahead.state();
  const prepared = await agent.questions.prepare(state, purpose, control.signal);
  if (prepared.kind === 'asked') return prepared.events;
  if (prepared.kind === 'unfinished') {
    const conclusion = await digest(agent.effects, prepared.call, assignment.mode);
    return conclude(state, assignment, { kind: 'digested', conclusion });
  }
  if (prepared.kind === 'too_long') return [tooLong(state, assignment)];
  const follows = () => withoutAllowance(state, assignment, prepared.missing, agent.decisionOn);
  const atOnce = follows();
  if (atOnce) return [atOnce];
  await ahead.flush();
  while (follows() === null && !control.interruption() && !control.isPaused()) await control.change();
  const answer = follows();
  // A yes is seen in what is left when the question is put together again.
  return answer?.type === 'agent.finished' ? [answer] : [];
};

/** How the attempt ends or is let go of from outside; null when it may go on. */
const stopping = (
  { control, assignment, runner }: Agent,
  state: AgentState,
): readonly AgentEvent[] | null => {
  const why = control.interruption();
  if (why === null && control.isResting()) return [released(runner, 'shutdown', 'The runner stops.')];
  if (why === null) return control.isPaused() ? [released(runner, 'paused', 'The run is paused.')] : null;
  switch (why.kind) {
    case 'cancelled':
      return [cancelled(state, assignment, why.reason)];
    case 'timed_out':
      return [
        failed(state, assignment, { code: 'TASK_TIMEOUT', message: 'The attempt took longer than it may.' }),
      ];
    case 'shutdown':
      return [released(runner, 'shutdown', 'The runner stops.')];
  }
};

export const released = (
  runner: string,
  reason: 'paused' | 'shutdown' | 'failed',
  detail: string,
): AgentEvent => ({ type: 'agent.released', data: { runner, reason, detail } });
