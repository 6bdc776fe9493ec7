import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import fc from 'fast-check';
import { type AimedCommand, anyConfiguration, anyIntervention, anyReport } from '../testing/any-run.ts';
import { runId, testMetadata } from '../testing/scenario.ts';
import type { RunCommand } from './commands.ts';
import { runDecider } from './decider.ts';
import { nextDue } from './due.ts';
import { emptyOutline, evolveOutline, nextDueOf, outlineOf, type RunOutline } from './outline.ts';
import { isEnded, type RunState } from './state.ts';

const decide = (command: RunCommand, state: RunState): { events: readonly RunEvent[]; state: RunState } => {
  try {
    return decideFully(runDecider, command, state, testMetadata);
  } catch (error) {
    if (error instanceof PartituraError) return { events: [], state };
    throw error;
  }
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

/** A run and beside it the outline that its events give. */
const drawn = () => {
  let state: RunState = null;
  let revision = -1;
  const outline = emptyOutline();
  return {
    outline,
    tell: (aim: AimedCommand, at: number): { readonly state: RunState; readonly revision: number } => {
      const decision = decide({ ...aim(state), at } as RunCommand, state);
      state = decision.state;
      for (const event of decision.events) {
        revision += 1;
        evolveOutline(outline, event);
        outline.revision = revision;
      }
      return { state, revision };
    },
  };
};

const isTrue = (outline: RunOutline, state: RunState, revision: number): void => {
  if (state === null || isEnded(state)) {
    expect([outline.status, nextDueOf(outline)]).toEqual(['ended', null]);
    return;
  }
  expect(outline).toEqual(outlineOf(state, revision));
  expect(nextDueOf(outline)).toBe(nextDue(state));
};

describe('the outline of a run', () => {
  it('says of every run at every time what the run itself says', () => {
    const seen = new Set<string>();
    const note = (outline: RunOutline): void => {
      if (outline.planning) seen.add('planning');
      for (const kind of ['attempts', 'deadlines', 'retries'] as const)
        if (outline[kind].size > 0) seen.add(kind);
    };
    fc.assert(
      fc.property(anyConfiguration, moves, (configuration, steps) => {
        let at = 1_000_000;
        const { outline, tell } = drawn();
        tell(() => ({ kind: 'start', runId, projectId: 'p_test', configuration }), at);
        for (const { aim, wait } of steps) {
          at += wait;
          const { state, revision } = tell(aim, at);
          isTrue(outline, state, revision);
          note(outline);
        }
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual(['attempts', 'deadlines', 'planning', 'retries']);
  });
});
