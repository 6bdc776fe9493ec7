import { describe, expect, it } from '@jest/globals';
import type { ApprovalResource, RunStateResource } from '@partitura/shared/http';
import { exampleState } from '../../testing/shown-run.ts';
import { runChanges } from './run-changes.ts';

const state = exampleState();
const [approval] = state.approvals;
const [node] = state.knowledge.nodes;
const { plan } = state;
if (!(approval && node && plan)) throw new Error('The example of a state has less in it.');

type Told = readonly (readonly [subject: string, change: string, sentence: string])[];
const told = (was: RunStateResource, is: RunStateResource): Told =>
  runChanges(was, is).map(({ subject, change, sentence }) => [subject, change, sentence]);

it('tells nothing of a run in which nothing changed', () => {
  expect(runChanges(state, exampleState())).toEqual([]);
});

describe('of a run', () => {
  it.each([
    ['paused', 'Lunch.', 'The run was running and is paused: Lunch.'],
    ['paused', 'lunch', 'The run was running and is paused: lunch.'],
    ['completed', null, 'The run was running and is completed.'],
    ['cancelled', 'Why not?', 'The run was running and is cancelled: Why not?'],
    ['stopped_budget', null, 'The run was running and is stopped by its budget.'],
    ['stopped_policy', null, 'The run was running and is stopped by its policy.'],
  ] as const)('that is %s (%s), it is told what it was and why', (status, statusDetail, sentence) => {
    const run = { ...state.run, status, statusDetail };
    expect(told(state, { ...state, run })).toEqual([['run', status, sentence]]);
  });

  it('that was paused and went on in between, nothing is told', () => {
    expect(told(state, { ...state, run: { ...state.run, revision: 99, position: '9' } })).toEqual([]);
  });
});

describe('of money', () => {
  const spent = (costUsd: number, calls: number, inputTokens: number, usd: number | null = 5) => ({
    ...state,
    run: {
      ...state.run,
      usage: { ...state.run.usage, costUsd, calls, inputTokens, outputTokens: 0 },
      budget: state.run.budget && { ...state.run.budget, usd },
    },
  });

  it('it is told what was spent, in how many calls, and of how much', () => {
    expect(told(spent(0.28, 14, 1_000), spent(0.3, 15, 2_500))).toEqual([
      ['budget', 'spent', '$0.02 and 1,500 tokens were spent in 1 call: $0.30 of $5.00 in all.'],
    ]);
  });

  it('sums are of whole micro-dollars: 0.3 less 0.1 is no fraction of one', () => {
    const [change] = told(spent(0.1, 1, 0), spent(0.3, 3, 1));
    expect(change?.[2]).toBe('$0.20 and 1 token were spent in 2 calls: $0.30 of $5.00 in all.');
    const [least] = told(spent(0, 1, 0), spent(0.000004, 2, 1));
    expect(least?.[2]).toContain('$0.000004 and 1 token');
  });

  it('nothing limits, no limit is told', () => {
    const [limitless] = told(spent(0, 0, 0, null), spent(1, 1, 10, null));
    expect(limitless?.[2]).toBe('$1.00 and 10 tokens were spent in 1 call: $1.00 in all.');
    const without = (one: RunStateResource) => ({ ...one, run: { ...one.run, budget: null } });
    expect(told(without(spent(0, 0, 0)), without(spent(1, 1, 10)))).toEqual([limitless]);
  });

  it('a rehearsal, which costs nothing, tells its tokens', () => {
    const [change] = told(spent(0, 0, 0), spent(0, 2, 700));
    expect(change?.[2]).toBe('$0.00 and 700 tokens were spent in 2 calls: $0.00 of $5.00 in all.');
  });
});

describe('of the plan', () => {
  const accepted = 'Revision 1 of the plan was accepted: 9 tasks, 12 requirements.';

  it('it is told what was proposed and accepted, once', () => {
    const proposed = { ...plan, status: 'proposed' as const, tasks: 1, requirements: 1 };
    expect(told({ ...state, plan: null }, { ...state, plan: proposed })).toEqual([
      ['plan', 'proposed', 'Revision 1 of the plan was proposed: 1 task, 1 requirement.'],
    ]);
    expect(told({ ...state, plan: proposed }, state)).toEqual([['plan', 'accepted', accepted]]);
    expect(told({ ...state, plan: null }, state)).toEqual([['plan', 'accepted', accepted]]);
    expect(told({ ...state, plan: null }, { ...state, plan: null })).toEqual([]);
  });

  it('a later revision is another plan', () => {
    const [change] = runChanges(state, { ...state, plan: { ...plan, revision: 2 } });
    expect(change).toMatchObject({ change: 'accepted', before: { revision: 1 }, after: { revision: 2 } });
  });
});

describe('of an approval', () => {
  const asked: ApprovalResource = { ...approval, action: 'accept_plan', status: 'pending', decidedBy: null };
  const given = (...approvals: ApprovalResource[]): RunStateResource => ({ ...state, approvals });
  const granted: ApprovalResource = { ...asked, status: 'granted', decidedBy: 'user:ada' };

  it.each([
    [asked, 'requested', 'Somebody is asked to approve: accept plan.'],
    // Asked and answered in between.
    [granted, 'granted', 'The approval of accept plan was granted by user:ada.'],
  ])('that was not there, it is told where it stands ($status)', (is, change, sentence) => {
    expect(told(given(), given(is))).toEqual([['approval', change, sentence]]);
    expect(runChanges(given(), given(is))[0]).toMatchObject({ before: null, after: { status: is.status } });
  });

  it.each([
    [granted, 'The approval of accept plan was granted by user:ada.'],
    [{ ...granted, status: 'denied' as const }, 'The approval of accept plan was denied by user:ada.'],
    [{ ...asked, status: 'expired' as const }, 'The approval of accept plan expired.'],
  ])('that was asked for, it is told what came of it ($status)', (is, sentence) => {
    expect(told(given(asked), given(is))).toEqual([['approval', is.status, sentence]]);
  });

  it('that waits, or was decided before, nothing is told', () => {
    expect(
      told(given(asked, { ...granted, id: 'other' }), given(asked, { ...granted, id: 'other' })),
    ).toEqual([]);
  });
});

describe('of what is known', () => {
  const known = (...nodes: (typeof node)[]): RunStateResource => ({
    ...state,
    knowledge: { total: nodes.length, nodes },
  });
  const slugs = { ...node, kind: 'decision', title: 'Slugs are random', retracted: false };
  const retracted = { ...slugs, retracted: true };
  const added = ['knowledge', 'added', '“Slugs are random” is known (decision).'];
  const gone = ['knowledge', 'retracted', '“Slugs are random” is not relied on any more.'];

  it('it is told what came, what was retracted and what is relied on again', () => {
    expect(told(known(), known(slugs))).toEqual([added]);
    expect(told(known(slugs), known(retracted))).toEqual([gone]);
    expect(told(known(retracted), known(slugs))).toEqual([
      ['knowledge', 'confirmed', '“Slugs are random” is relied on again.'],
    ]);
    expect(told(known(retracted), known(retracted))).toEqual([]);
  });

  it('what came and was retracted in between is not told as what is known', () => {
    expect(told(known(), known(retracted))).toEqual([added, gone]);
  });
});
