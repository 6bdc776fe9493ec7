import { describe, expect, it } from '@jest/globals';
import { type ForkedRun, noUsage, type RunConfiguration, type RunEvent } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import fc from 'fast-check';
import type { RunCommand } from '../runs/commands.ts';
import { runDecider } from '../runs/decider.ts';
import { evolveRun } from '../runs/evolve.ts';
import { emptyOutline, evolveOutline, outlineOf } from '../runs/outline.ts';
import { isEnded, type Run, type RunState } from '../runs/state.ts';
import { type AimedCommand, anyConfiguration, anyIntervention, anyReport } from '../testing/any-run.ts';
import { holdsTogether, isNotStuck } from '../testing/invariants.ts';
import { limit, runId, testMetadata } from '../testing/scenario.ts';
import { decideFork } from './begin.ts';

const aims = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: anyReport },
    { weight: 1, arbitrary: anyIntervention },
    { weight: 1, arbitrary: fc.constant<AimedCommand>(() => ({ kind: 'pass_time' })) },
  ),
  { maxLength: 50, size: 'max' },
);

const decide = (command: RunCommand, state: RunState): { events: readonly RunEvent[]; state: RunState } => {
  try {
    return decideFully(runDecider, command, state, testMetadata);
  } catch (error) {
    if (error instanceof PartituraError) return { events: [], state };
    throw error;
  }
};

const start = 1_000_000;
const shiftMs = 3_600_000;

/** The decisions of a run, one after the other. */
const decisionsOf = (configuration: RunConfiguration, told: readonly AimedCommand[]) => {
  let state: RunState = null;
  const decisions: (readonly RunEvent[])[] = [];
  const tell = (command: RunCommand): void => {
    const decision = decide(command, state);
    state = decision.state;
    if (decision.events.length > 0) decisions.push(decision.events);
  };
  tell({ kind: 'start', at: start, runId, projectId: 'p_test', configuration });
  for (const aim of told) tell({ ...aim(state), at: start } as RunCommand);
  return decisions;
};

const fold = (events: readonly RunEvent[]): RunState =>
  events.reduce<RunState>((state, event) => evolveRun(state, event, testMetadata), null);

const existing = (state: RunState): Run => {
  if (state === null) throw new Error('There is no run.');
  return state;
};

/** As services begin it, except that the ids stay: what they become is tested where they are translated. */
const forkOf = (past: readonly RunEvent[], configuration: RunConfiguration, drop: number) => {
  const parent = existing(fold(past));
  const open = [...parent.tasks.values()].filter(
    ({ status, resolves }) =>
      status.kind !== 'completed' &&
      status.kind !== 'in_review' &&
      status.kind !== 'cancelled' &&
      resolves === null,
  );
  const dropped = open.filter((_, index) => index % 7 === drop).map(({ id }) => id);
  const forked: ForkedRun = {
    parentRunId: 'r_parent',
    at: '1',
    streams: {},
    commit: null,
    shiftMs,
    unsettled: {},
    changes: { model: null, budget: null, prompts: [], droppedTasks: [...dropped] },
  };
  const [, ...rest] = past;
  const inherited = rest.filter(({ type }) => !type.startsWith('approval.'));
  const before: RunEvent[] = [
    { type: 'run.created', data: { runId, projectId: 'p_test', configuration } },
    ...inherited,
    { type: 'run.forked', data: forked },
  ];
  const at = start + shiftMs;
  const events = decideFork({ at, dropped, over: new Set() }, fold(before), testMetadata);
  return { parent, dropped, at, log: [...before, ...events], own: events };
};

/** Nobody delivers in these tests again what the planner had said: a plan that waits to be accepted is on its way. */
const waitsForPlan = (run: Run): boolean =>
  run.replanning?.settled === true || (run.phase?.planned === true && run.plan === null);

const isAsItShouldBe = ({ parent, dropped, log, own }: ReturnType<typeof forkOf>): Run => {
  const run = existing(fold(log));
  holdsTogether(run);
  if (!waitsForPlan(run)) isNotStuck(run);
  expect(run.ledger.spent).toEqual(noUsage);
  expect(run.ledger.inherited).toEqual(parent.ledger.spent);
  const done = [...parent.tasks.values()].filter(({ status }) => status.kind === 'completed');
  for (const { id } of done) expect(run.tasks.get(id)?.status.kind).toBe('completed');
  for (const id of dropped) expect(run.tasks.get(id)?.status.kind).toBe('cancelled');
  for (const { id, status } of parent.tasks.values()) {
    const now = run.tasks.get(id)?.status;
    if (status.kind !== 'active' || now?.kind !== 'active' || now.attempt.id !== status.attempt.id) continue;
    expect(now.attempt.startedAt).toBe(status.attempt.startedAt && status.attempt.startedAt + shiftMs);
  }
  // An hour later nobody has run out of time.
  const failed = own.flatMap((event) =>
    event.type === 'task.attempt_failed' || event.type === 'task.failed' ? [event.data.problem.code] : [],
  );
  expect(failed.filter((code) => code !== 'ATTEMPT_ENDED')).toEqual([]);
  return run;
};

/** Tells a fork more, and looks after each decision whether its outline still says what it says. */
const goOn = ({ log, at }: ReturnType<typeof forkOf>, later: readonly AimedCommand[]): void => {
  const outline = emptyOutline();
  for (const event of log) evolveOutline(outline, event);
  let state = fold(log);
  for (const aim of later) {
    const run = existing(state);
    if (!isEnded(run)) expect({ ...outline, revision: 0 }).toEqual(outlineOf(run, 0));
    const decision = decide({ ...aim(state), at } as RunCommand, state);
    state = decision.state;
    for (const event of decision.events) evolveOutline(outline, event);
    holdsTogether(existing(state));
  }
};

const cutAt = (decisions: ReturnType<typeof decisionsOf>, cut: number): readonly RunEvent[] =>
  decisions.slice(0, 1 + (cut % decisions.length)).flat();

describe('a fork of any run after any decision', () => {
  it('holds together, is not stuck, keeps what was done, and pays nothing for it', () => {
    let goneOn = 0;
    fc.assert(
      fc.property(anyConfiguration, aims, fc.nat(), fc.nat({ max: 9 }), (configuration, told, cut, drop) => {
        const past = cutAt(decisionsOf(configuration, told), cut);
        const run = isAsItShouldBe(forkOf(past, { ...configuration, budget: null }, drop));
        goneOn += Number(!isEnded(run));
      }),
      { numRuns: 300 },
    );
    expect(goneOn).toBeGreaterThan(100);
  });

  it('goes on like any run, within a limit of its own, and its outline says what it says itself', () => {
    fc.assert(
      fc.property(anyConfiguration, aims, aims, fc.nat(), (configuration, told, later, cut) => {
        const past = cutAt(decisionsOf(configuration, told), cut);
        goOn(forkOf(past, { ...configuration, budget: limit({ tokens: 50_000 }) }, 8), later);
      }),
      { numRuns: 200 },
    );
  });
});
