import { describe, expect, it } from '@jest/globals';
import { type RunConfiguration, type RunEvent, runEvents } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import fc from 'fast-check';
import { type AimedCommand, anyConfiguration, anyIntervention, anyReport } from '../testing/any-run.ts';
import { holdsTogether, isNotStuck } from '../testing/invariants.ts';
import { runId, testMetadata } from '../testing/scenario.ts';
import type { RunCommand } from './commands.ts';
import { copyRun } from './copy.ts';
import { runDecider } from './decider.ts';
import { evolveRun } from './evolve.ts';
import { isEnded, type Run, type RunState, type RunStatus } from './state.ts';
import type { Task } from './task.ts';

const decide = (command: RunCommand, state: RunState): { events: readonly RunEvent[]; state: RunState } => {
  try {
    return decideFully(runDecider, command, state, testMetadata);
  } catch (error) {
    if (error instanceof PartituraError) return { events: [], state };
    throw error;
  }
};

/** Everything that a state says, as data that two of them can be compared by. */
const said = (run: RunState) => {
  if (run === null) return null;
  const { ready, timers: _, ...rest } = run;
  return { ...rest, ready: ready.first(1_000).map(({ id }) => id) };
};

const refold = (log: readonly RunEvent[]): RunState =>
  log.reduce<RunState>((state, event) => {
    const recorded: RunEvent = JSON.parse(JSON.stringify(event));
    return evolveRun(state, recorded, testMetadata);
  }, null);

const rejectedIn = (events: readonly RunEvent[]): ReadonlySet<string> =>
  new Set(events.flatMap((event) => (event.type === 'task.rejected' ? [event.data.taskId] : [])));

/** Completed tasks stay completed unless somebody rejects them, and a run that has ended stays as it ended until somebody opens it again. */
const finishedForGood = () => {
  const done = new Set<Task>();
  let ended: RunStatus | null = null;
  const tasksStay = (run: Run, rejected: ReadonlySet<string>): void => {
    for (const task of [...done].filter(({ id }) => rejected.has(id))) done.delete(task);
    for (const task of done) expect(task.status.kind).toBe('completed');
    for (const task of run.tasks.values()) if (task.status.kind === 'completed') done.add(task);
  };
  return (run: Run, events: readonly RunEvent[]): void => {
    tasksStay(run, rejectedIn(events));
    const reopened = events.some(({ type }) => type === 'run.resumed');
    if (ended !== null && !reopened) expect(run.status).toBe(ended);
    ended = isEnded(run) ? run.status : null;
  };
};

const moves = fc.array(
  fc.record({
    aim: fc.oneof(
      { weight: 5, arbitrary: anyReport },
      { weight: 2, arbitrary: anyIntervention },
      { weight: 1, arbitrary: fc.constant<AimedCommand>(() => ({ kind: 'pass_time' })) },
    ),
    wait: fc.constantFrom(0, 0, 10, 1_000, 60_000),
  }),
  { maxLength: 60, size: 'max' },
);

interface Step {
  readonly events: readonly RunEvent[];
  readonly run: Run;
}

const play = (
  configuration: RunConfiguration,
  steps: readonly { aim: AimedCommand; wait: number }[],
  look: (step: Step) => void = () => undefined,
): { readonly log: readonly RunEvent[]; readonly state: RunState; readonly at: number } => {
  let at = 1_000_000;
  let state: RunState = null;
  const log: RunEvent[] = [];
  const tell = (command: RunCommand): void => {
    const decision = decide(command, state);
    state = decision.state;
    log.push(...decision.events);
    if (state !== null) look({ events: decision.events, run: state });
  };
  tell({ kind: 'start', at, runId, projectId: 'p_test', configuration });
  for (const { aim, wait } of steps) {
    at += wait;
    tell({ ...aim(state), at } as RunCommand);
  }
  return { log, state, at };
};

describe('a run, whatever is told to it in whatever order', () => {
  it('refuses or decides, comes to an end with each decision, and stays true to itself', () => {
    fc.assert(
      fc.property(anyConfiguration, moves, (configuration, steps) => {
        const staysDone = finishedForGood();
        play(configuration, steps, ({ run, events }) => {
          for (const { type, data } of events) runEvents[type].schema.parse(data);
          holdsTogether(run);
          isNotStuck(run);
          staysDone(run, events);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('comes everywhere in these tests, or they would be worth nothing', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(anyConfiguration, moves, (configuration, steps) => {
        for (const { type } of play(configuration, steps).log) reached.add(type);
      }),
      { numRuns: 500, seed: 7 },
    );
    // Where a run begins that another one leads to: see `forks`.
    reached.add('run.forked');
    expect(Object.keys(runEvents).filter((type) => !reached.has(type))).toEqual([]);
  });

  it('is what its log says, event by event, as it was written', () => {
    fc.assert(
      fc.property(anyConfiguration, moves, (configuration, steps) => {
        const { log, state } = play(configuration, steps);
        expect(said(refold(log))).toEqual(said(state));
      }),
      { numRuns: 200 },
    );
  });

  it('can be copied: what becomes of the one does not touch the other, and they decide alike', () => {
    fc.assert(
      fc.property(anyConfiguration, moves, moves, (configuration, steps, more) => {
        const { log, state, at } = play(configuration, steps);
        const copy = copyRun(state);
        let original: RunState = state;
        const decided = more.map(({ aim }) => {
          const command = { ...aim(original), at: at + 60_000 } as RunCommand;
          const decision = decide(command, original);
          original = decision.state;
          return { command, events: decision.events };
        });
        expect(said(copy)).toEqual(said(refold(log)));
        let other: RunState = copy;
        for (const { command, events } of decided) {
          const decision = decide(command, other);
          expect(decision.events).toEqual(events);
          other = decision.state;
        }
        expect(said(other)).toEqual(said(original));
      }),
      { numRuns: 200 },
    );
  });

  it('decides on nothing that it is told of twice', () => {
    fc.assert(
      fc.property(anyConfiguration, moves, anyReport, (configuration, steps, report) => {
        const { state: before, at } = play(configuration, steps);
        const command = { ...report(before), at } as RunCommand;
        const first = decide(command, before);
        expect(decide(command, first.state).events).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
