import { describe, expect, it } from '@jest/globals';
import type { ProjectEvent } from '@partitura/shared/events';
import { decideFully } from '@partitura/shared/processing';
import { configuration, limit, testMetadata } from '../testing/scenario.ts';
import { type ProjectCommand, projectDecider } from './decider.ts';

const { prd } = configuration();
const another = { ...prd, content: { ...prd.content, hash: 'b'.repeat(64) } };

const project = () => {
  let state = projectDecider.initial();
  const tell = (command: ProjectCommand): readonly ProjectEvent[] => {
    const decision = decideFully(projectDecider, command, state, testMetadata);
    state = decision.state;
    return decision.events;
  };
  const create = () =>
    tell({
      kind: 'create',
      projectId: 'p_1',
      name: 'One',
      prd,
      repository: { url: '/somewhere', baseBranch: 'main' },
      stack: ['node'],
      constraints: [],
      successCriteria: [],
      budget: limit({ microUsd: 1_000 }),
      workflow: 'architect-plan-swarm',
    });
  return { tell, create, state: () => state };
};

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('what is changed of a project', () => {
  it('is said once, and only what is another than before', () => {
    const { tell, create } = project();
    create();
    const changes = { name: 'Two', stack: ['node'], budget: null };
    expect(tell({ kind: 'configure', changes })).toEqual([
      { type: 'project.configured', data: { name: 'Two', budget: null } },
    ]);
    expect(tell({ kind: 'configure', changes })).toEqual([]);
    expect(tell({ kind: 'configure', changes: {} })).toEqual([]);
  });

  it('counts for the runs to come: a smaller budget leaves them less, none leaves them all', () => {
    const { tell, create } = project();
    create();
    const request = (runId: string) => tell({ kind: 'request_run', runId, configuration: configuration() });
    tell({ kind: 'configure', changes: { budget: limit({ microUsd: 10 }) } });
    expect(request('r_1')).toMatchObject([{ data: { reserved: { microUsd: 10 } } }]);
    expect(() => request('r_2')).toThrow(code('BUDGET_EXHAUSTED'));
    tell({ kind: 'configure', changes: { budget: null } });
    expect(request('r_2')).toMatchObject([{ data: { reserved: null } }]);
  });

  it('is a PRD with the next revision, unless it is the very same', () => {
    const { tell, create } = project();
    create();
    expect(tell({ kind: 'revise_prd', prd })).toEqual([]);
    expect(tell({ kind: 'revise_prd', prd: another })).toMatchObject([{ data: { prdRevision: 2 } }]);
    expect(tell({ kind: 'revise_prd', prd })).toMatchObject([{ data: { prdRevision: 3 } }]);
  });

  it('is nothing when it is archived', () => {
    const { tell, create } = project();
    create();
    tell({ kind: 'archive' });
    expect(() => tell({ kind: 'configure', changes: { name: 'Two' } })).toThrow(code('PROJECT_ARCHIVED'));
    expect(() => tell({ kind: 'revise_prd', prd: another })).toThrow(code('PROJECT_ARCHIVED'));
  });
});

describe('a project that is removed', () => {
  const ended = { kind: 'settle_run', runId: 'r_1', status: 'failed', completed: null } as const;

  it('has no live runs', () => {
    const { tell, create } = project();
    create();
    tell({ kind: 'request_run', runId: 'r_1', configuration: configuration() });
    expect(() => tell({ kind: 'remove' })).toThrow(code('PROJECT_RUNNING'));
    tell({ ...ended, spent: { tokens: 0, microUsd: 5 } });
    expect(tell({ kind: 'remove' })).toEqual([{ type: 'project.removed', data: {} }]);
  });

  it('is not there for anybody, and still counts what its runs spent', () => {
    const { tell, create, state } = project();
    create();
    tell({ kind: 'request_run', runId: 'r_1', configuration: configuration() });
    tell({ ...ended, spent: { tokens: 0, microUsd: 5 } });
    tell({ kind: 'remove' });
    const refused: readonly ProjectCommand[] = [
      { kind: 'remove' },
      { kind: 'archive' },
      { kind: 'configure', changes: { name: 'Two' } },
      { kind: 'revise_prd', prd: another },
      { kind: 'request_run', runId: 'r_2', configuration: configuration() },
      { kind: 'reopen_run', runId: 'r_1', budget: null },
    ];
    for (const command of refused) expect(() => tell(command)).toThrow(code('PROJECT_NOT_FOUND'));
    expect(tell({ ...ended, spent: { tokens: 0, microUsd: 9 } })).toHaveLength(1);
    expect(state()?.spent.microUsd).toBe(9);
    expect(create()).toEqual([]);
  });
});
