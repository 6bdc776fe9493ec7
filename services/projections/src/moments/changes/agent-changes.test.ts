import { describe, expect, it } from '@jest/globals';
import type { AgentResource } from '@partitura/shared/http';
import { exampleState } from '../../testing/shown-run.ts';
import { agentChanges } from './agent-changes.ts';

const [example] = exampleState().agents;
if (!example) throw new Error('The example of a state has no agent.');
const working: AgentResource = { ...example, id: 'r_1.T4.a1', type: 'backend', model: 'rehearsal/small' };
const ended = (status: AgentResource['status'], calls = 14, costUsd = 0.28): AgentResource => ({
  ...working,
  status,
  endedAt: '2026-03-02T08:41:12.402Z',
  usage: { ...working.usage, calls, costUsd },
});

const told = (was: AgentResource | null, is: AgentResource): readonly (readonly [string, string])[] =>
  agentChanges(was === null ? [] : [was], [is]).map(({ change, sentence }) => [change, sentence]);

describe('of an agent', () => {
  it('that goes on with its work, nothing is told; nor of one that ended before', () => {
    expect(told(working, { ...working, step: 'verify', cycle: 3, toolCalls: 20 })).toEqual([]);
    expect(told(working, { ...working, status: 'waiting' })).toEqual([]);
    expect(told(ended('failed'), ended('failed'))).toEqual([]);
  });

  it('that is new, it is told what it is', () => {
    expect(told(null, working)).toEqual([['spawned', 'r_1.T4.a1 began (backend, rehearsal/small).']]);
  });

  it.each([
    [ended('succeeded'), 'r_1.T4.a1 succeeded after 14 calls, for $0.28.'],
    [ended('failed', 1, 0.0004), 'r_1.T4.a1 failed after 1 call, for $0.0004.'],
    [ended('cancelled', 0, 0), 'r_1.T4.a1 was cancelled after 0 calls, for $0.00.'],
    [ended('succeeded', 1_200, 31), 'r_1.T4.a1 succeeded after 1,200 calls, for $31.00.'],
  ])('how it ended is told ($status)', (is, sentence) => {
    expect(told(working, is)).toEqual([[is.status, sentence]]);
  });

  it('that crashed, it is told how often it did since', () => {
    expect(told({ ...working, crashes: 2 }, { ...working, crashes: 3 })).toEqual([
      ['crashed', 'r_1.T4.a1 crashed 1 time.'],
    ]);
  });

  it('that came, crashed and went in between, all of it is told', () => {
    expect(told(null, { ...ended('failed'), crashes: 2 })).toEqual([
      ['spawned', 'r_1.T4.a1 began (backend, rehearsal/small).'],
      ['crashed', 'r_1.T4.a1 crashed 2 times.'],
      ['failed', 'r_1.T4.a1 failed after 14 calls, for $0.28.'],
    ]);
  });
});
