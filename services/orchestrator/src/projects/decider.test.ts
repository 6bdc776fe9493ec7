import { describe, expect, it } from '@jest/globals';
import type { Budget, ProjectEvent } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import fc from 'fast-check';
import { configuration, limit, testMetadata } from '../testing/scenario.ts';
import { type ProjectCommand, projectDecider } from './decider.ts';

const project = (budget: Budget | null = null) => {
  let state = projectDecider.initial();
  const tell = (command: ProjectCommand): readonly ProjectEvent[] => {
    const decision = decideFully(projectDecider, command, state, testMetadata);
    state = decision.state;
    return decision.events;
  };
  const { prd } = configuration();
  const create = () =>
    tell({
      kind: 'create',
      projectId: 'p_1',
      name: 'One',
      prd,
      repository: { url: '/somewhere', baseBranch: 'main' },
      stack: [],
      constraints: [],
      successCriteria: [],
      budget,
      workflow: 'architect-plan-swarm',
    });
  const request = (runId: string, own: Budget | null = null) =>
    tell({ kind: 'request_run', runId, configuration: configuration({ budget: own }) });
  const settle = (runId: string, microUsd: number, status = 'failed') =>
    tell({
      kind: 'settle_run',
      runId,
      status,
      spent: { tokens: 0, microUsd },
      completed: status === 'completed' ? { branch: 'b', commit: 'c' } : null,
    });
  return { tell, create, request, settle, state: () => state };
};

const reservedBy = (events: readonly ProjectEvent[]): number | undefined =>
  events.flatMap((event) =>
    event.type === 'project.run_requested' ? (event.data.reserved?.microUsd ?? -1) : [],
  )[0];

describe('a project', () => {
  it('is created once, and refuses what comes before', () => {
    const { create, request } = project();
    expect(() => request('r_1')).toThrow(expect.objectContaining({ code: 'PROJECT_NOT_FOUND' }));
    expect(create()).toHaveLength(1);
    expect(create()).toEqual([]);
    expect(request('r_1')).toHaveLength(1);
    expect(request('r_1')).toEqual([]);
  });

  it('starts nothing when it is archived', () => {
    const { create, request, tell } = project();
    create();
    request('r_1');
    expect(tell({ kind: 'archive' })).toHaveLength(1);
    expect(tell({ kind: 'archive' })).toEqual([]);
    expect(() => request('r_2')).toThrow(expect.objectContaining({ code: 'PROJECT_ARCHIVED' }));
    expect(request('r_1')).toEqual([]);
  });

  it('gives a run what it asks for or what is left, whichever is less, and no more time than it has', () => {
    const { create, request, settle } = project(limit({ microUsd: 1_000, wallMs: 60_000 }));
    create();
    expect(reservedBy(request('r_1', limit({ microUsd: 300 })))).toBe(300);
    const [second] = request('r_2', limit({ microUsd: 5_000 }));
    expect(second).toMatchObject({ data: { configuration: { budget: { microUsd: 700, wallMs: 60_000 } } } });
    expect(() => request('r_3')).toThrow(expect.objectContaining({ code: 'BUDGET_EXHAUSTED' }));
    settle('r_2', 100);
    expect(reservedBy(request('r_3'))).toBe(600);
  });

  it('settles a run once; one that was opened again settles again, and completes also when that cost nothing', () => {
    const { create, request, settle } = project(limit({ microUsd: 1_000 }));
    create();
    expect(settle('r_1', 5)).toEqual([]);
    request('r_1');
    expect(settle('r_1', 400)).toHaveLength(1);
    expect(settle('r_1', 400)).toEqual([]);
    expect(settle('r_1', 400, 'completed').map(({ type }) => type)).toEqual([
      'project.run_settled',
      'project.completed',
    ]);
    expect(settle('r_1', 450, 'completed').map(({ type }) => type)).toEqual(['project.run_settled']);
    expect(reservedBy(request('r_2'))).toBe(550);
  });

  it('notes each phase of a run once', () => {
    const { create, request, tell } = project();
    create();
    const note = (phase: string) => tell({ kind: 'note_phase', runId: 'r_1', phase, title: phase });
    expect(note('plan')).toEqual([]);
    request('r_1');
    expect([note('plan'), note('plan'), note('swarm'), note('plan')].map(({ length }) => length)).toEqual([
      1, 0, 1, 1,
    ]);
  });

  it('never has more spent and set aside than its budget, however many runs go on', () => {
    const moves = fc.array(
      fc.record({
        run: fc.nat(5),
        own: fc.option(fc.nat(800)),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 2_000 }), (drawn, microUsd) => {
        const { create, request, settle } = project(limit({ microUsd }));
        create();
        const live = new Map<string, number>();
        let spent = 0;
        const end = (runId: string, cost: number): void => {
          settle(runId, cost);
          live.delete(runId);
          spent += cost;
        };
        const begin = (runId: string, own: number | null): void => {
          try {
            live.set(runId, reservedBy(request(runId, own === null ? null : limit({ microUsd: own }))) ?? 0);
          } catch (error) {
            expect(error).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
          }
        };
        for (const [index, { run, own, share }] of drawn.entries()) {
          const ending = [...live][run];
          if (ending) end(ending[0], Math.floor(ending[1] * share));
          else begin(`r_${index}`, own);
          const setAside = [...live.values()].reduce((sum, one) => sum + one, 0);
          expect(spent + setAside).toBeLessThanOrEqual(microUsd);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a run that is opened again', () => {
  const own = limit({ microUsd: 600 });
  const failedRun = () => {
    const one = project(limit({ microUsd: 1_000 }));
    one.create();
    one.request('r_1', own);
    one.settle('r_1', 250);
    const reopen = () => one.tell({ kind: 'reopen_run', runId: 'r_1', budget: own });
    return { ...one, reopen };
  };

  it('has set aside again what it has left of its limits, once', () => {
    const { reopen, request } = failedRun();
    expect(reopen()).toEqual([
      { type: 'project.run_reopened', data: { runId: 'r_1', reserved: { tokens: 0, microUsd: 350 } } },
    ]);
    expect(reopen()).toEqual([]);
    expect(reservedBy(request('r_2'))).toBe(400);
  });

  it('is refused while others hold what it would need, and may be when they gave it back', () => {
    const { reopen, request, settle } = failedRun();
    request('r_2');
    expect(reopen).toThrow(expect.objectContaining({ code: 'BUDGET_EXHAUSTED' }));
    settle('r_2', 100);
    expect(reopen()).toHaveLength(1);
  });

  it('gives back what it did not need when it ends once more', () => {
    const { reopen, settle, request } = failedRun();
    reopen();
    settle('r_1', 300, 'completed');
    expect(reservedBy(request('r_2'))).toBe(700);
  });

  it('needs nothing set aside where the project has no limit, and is nothing while it goes on', () => {
    const { tell, create, request, settle } = project();
    create();
    request('r_1');
    expect(tell({ kind: 'reopen_run', runId: 'r_1', budget: null })).toEqual([]);
    settle('r_1', 1);
    expect(tell({ kind: 'reopen_run', runId: 'r_1', budget: null })).toEqual([
      { type: 'project.run_reopened', data: { runId: 'r_1', reserved: null } },
    ]);
  });
});

it('can be copied: what becomes of the project does not touch the copy', () => {
  const { create, request, settle, tell, state } = project(limit({ microUsd: 1_000 }));
  create();
  request('r_1', limit({ microUsd: 10 }));
  tell({ kind: 'note_phase', runId: 'r_1', phase: 'planner', title: 'Plan' });
  const copy = projectDecider.copy?.(state()) ?? null;
  const before = structuredClone(copy);
  expect(before).toEqual(state());
  tell({ kind: 'note_phase', runId: 'r_1', phase: 'executor', title: 'Do' });
  settle('r_1', 7);
  request('r_2');
  expect(copy).toEqual(before);
  expect(copy).not.toEqual(state());
});

it('takes no old word of a phase for news when its run is over, and does when it goes on again', () => {
  const { create, request, settle, tell } = project();
  create();
  request('r_1');
  const note = (phase: string) => tell({ kind: 'note_phase', runId: 'r_1', phase, title: phase });
  expect(note('planner')).toHaveLength(1);
  expect(note('executor')).toHaveLength(1);
  settle('r_1', 7);
  expect(note('planner')).toEqual([]);
  tell({ kind: 'reopen_run', runId: 'r_1', budget: null });
  expect(note('review')).toHaveLength(1);
});
