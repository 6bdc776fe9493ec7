import { type AgentEvent, type Position, type RecordedEvent, streamName } from '@partitura/shared/events';
import {
  type Account,
  agreedUpTo,
  asOfSomeMoment,
  type ReplayInput,
  type StreamAccount,
  type Timeline,
} from '@partitura/shared/replaying';
import type { Assignment } from '../agents/assignment.ts';
import { evolve } from '../agents/evolve.ts';
import { unborn } from '../agents/state.ts';
import { assignmentOf } from '../attempts/assignments.ts';
import { runMaterial } from '../attempts/employment.ts';
import type { RunView } from '../runs/run-view.ts';
import type { AgentMachine } from './agent-machine.ts';

type RecordedAgentEvent = RecordedEvent & AgentEvent;

export interface AttemptReplay {
  readonly account: Account;
  readonly attempt: { readonly runId: string; readonly taskId: string; readonly attemptId: string };
  readonly events: readonly RecordedAgentEvent[];
  /** What the attempt had done in the run that its run was forked from. */
  readonly past: readonly RecordedAgentEvent[];
  /** From where on the run decides by itself. */
  readonly began: Position;
  readonly seen: Timeline<RunView>;
  readonly machineOf: (assignment: Assignment) => AgentMachine;
}

/** Up to where the run has the attempt. */
const assignmentIn = (
  seen: Timeline<RunView>,
  attempt: AttemptReplay['attempt'],
  until: Position,
): Assignment | null => {
  for (;;) {
    const assignment = assignmentOf(seen.view(), attempt);
    if (assignment || !seen.step(until)) return assignment;
  }
};

/** Plays one attempt again, from its claim to its end or as far as it came. */
export const replayAgent = async (replay: AttemptReplay): Promise<void> => {
  const { account, attempt, events, seen, machineOf } = replay;
  const [first] = events;
  if (!first) return;
  const stream = account.open(streamName('agent', attempt.attemptId), 'agent');
  seen.reach(replay.began);
  const assignment = assignmentIn(seen, attempt, first.position);
  if (assignment) await stepByStep(replay, assignment, machineOf(assignment), stream);
  else stream.enter(events, [], () => inputOf(undefined, first));
};

const stepByStep = async (
  { events, past, began, seen }: AttemptReplay,
  assignment: Assignment,
  machine: AgentMachine,
  stream: StreamAccount,
): Promise<void> => {
  let state = past.reduce(evolve, unborn());
  let employed = runMaterial(seen.view(), assignment);
  for (let at = 0; at < events.length; ) {
    const [before, now] = [events[at - 1], events[at]];
    if (!now) return;
    const ahead = [now, ...events.slice(at + 1, at + mostAhead)] as const;
    const since = Date.parse(before?.time ?? now.time);
    const replayed = await asOfSomeMoment(
      seen,
      { from: before?.position ?? began, to: now.position },
      () =>
        machine.next(state, ahead, {
          view: seen.view(),
          employed,
          since,
          inherited: at === 0 && past.length > 0,
        }),
      (decided) => decided.length > 0 && stream.fits(ahead.slice(0, decided.length), decided),
    );
    const count = agreedUpTo(ahead, replayed, stream.fits);
    const recorded = ahead.slice(0, count);
    if (!stream.enter(recorded, replayed.slice(0, count), () => inputOf(before, now))) machine.forget();
    for (const event of recorded) state = evolve(state, event);
    if (recorded.some(isEmployment)) employed = runMaterial(seen.view(), assignment);
    at += count;
  }
};

/** A model may ask for many tools at once. */
const mostAhead = 1_000;

const isEmployment = ({ type }: AgentEvent): boolean => type === 'agent.spawned' || type === 'agent.resumed';

const effects: ReadonlySet<string> = new Set([
  'model.answered',
  'model.failed',
  'tool.returned',
  'agent.checked',
]);

/** The agent goes on from what its own stream says. */
const inputOf = (before: RecordedEvent | undefined, now: RecordedEvent): ReplayInput => {
  const { stream, revision, position, type, data } = before ?? now;
  return { kind: effects.has(type) ? 'effect' : 'state', stream, revision, position, type, data };
};
