import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId, type OrganizationId, streamName } from '@partitura/shared/events';
import { runStory } from '@partitura/shared/http/testing';
import type { TaskDocument } from '../tasks/task-document.ts';
import { forkStory } from '../testing/past-stories.ts';
import { asker, type ToldService, toldService } from '../testing/told-service.ts';
import { alignTasks } from './alignment.ts';

let told: ToldService;

beforeEach(async () => {
  const oslo = asOrganizationId('oslo');
  const another = runStory({ runId: 'r_2', deadLetter: true }).filter(
    ({ event }) => event.type !== 'project.created',
  );
  told = await toldService([
    ...runStory({ runId: 'r_1' }),
    ...another,
    ...runStory({ runId: 'r_oslo', projectId: 'p_oslo', organizationId: oslo }),
  ]);
});
afterEach(() => told.stop());

const compare = (id: string, other: string, organizationId?: OrganizationId) =>
  told.handlers.compareRuns({ params: { id, other }, query: {}, body: null }, asker(organizationId));

describe('two runs', () => {
  it('are put side by side by task, with what one has more than the other', async () => {
    const found = await compare('r_1', 'r_2');
    expect(found).toMatchObject({
      a: { runId: 'r_1', status: 'completed', deadLettered: 0 },
      b: { runId: 'r_2', status: 'failed', deadLettered: 1 },
      relation: 'same_project',
    });
    expect(found.difference.tokens).toBe(found.b.tokens - found.a.tokens);
    expect(found.tasks.map(({ alignedBy, key, differs }) => [alignedBy, key, differs])).toEqual([
      ['title', 'T1', []],
      ['title', 'T2', []],
      ['title', 'T3', ['status', 'problem']],
    ]);
  });

  it('part at the first decision that is another, wherever tasks ran in between', async () => {
    const { parting, decisions } = await compare('r_1', 'r_2');
    expect(parting).toMatchObject({
      kind: 'outcome',
      subject: 'T3.a1',
      a: { value: 'completed' },
      b: { value: 'failed: CHECKS_FAILED' },
    });
    expect(decisions.same).toBeGreaterThan(10);
    expect(decisions.differences.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'outcome T3.a1',
      'outcome T3',
      'end run',
    ]);
    expect(await compare('r_1', 'r_1')).toMatchObject({
      relation: 'same_run',
      parting: null,
      decisions: { different: 0 },
      difference: { costUsd: 0, tokens: 0 },
    });
  });

  it('that share a past are the same up to where one of them went another way', async () => {
    const { store } = told;
    const events = (await Array.fromAsync(store.readStream(streamName('run', 'r_1')))).flat();
    const at = events.find(({ type }) => type === 'task.completed')?.position ?? '';
    await told.tell(await forkStory(store, { parentId: 'r_1', runId: 'r_fork', at }), 1_000);
    const found = await compare('r_1', 'r_fork');
    expect(found.relation).toBe('forks');
    expect(found.tasks.map(({ alignedBy, key }) => [alignedBy, key])).toEqual([
      ['key', 'T1'],
      ['key', 'T2'],
      ['key', 'T3'],
    ]);
    // What the fork inherited is no difference, and stands in its parent's stream.
    expect(found.parting).toMatchObject({ kind: 'attempt', subject: 'T2.a1', b: null });
    expect(found.decisions.differences.filter(({ kind }) => kind === 'approval')).toEqual([]);
    expect((await compare('r_fork', 'r_2')).relation).toBe('same_project');
  });

  it('are not there for others, whichever of them it is', async () => {
    const oslo = asOrganizationId('oslo');
    for (const [id, other] of [
      ['r_1', 'r_oslo'],
      ['r_oslo', 'r_1'],
    ] as const)
      await expect(compare(id, other, oslo)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(compare('r_1', 'r_nothing')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await compare('r_1', 'r_oslo')).toMatchObject({ relation: 'unrelated' });
  });
});

describe('a backtest', () => {
  const backtest = (body: object, organizationId?: OrganizationId) => {
    const policy = { retries: { maxAttempts: 1 } };
    return told.handlers.backtestPolicy(
      { params: {}, query: {}, body: { limit: 50, policy, ...body } },
      asker(organizationId),
    );
  };

  it('goes through named runs, a project’s, or all that are one’s own, and records nothing', async () => {
    const before = await told.store.head();
    const all = await backtest({});
    expect(all.runs.map(({ runId }) => runId).toSorted()).toEqual(['r_1', 'r_2', 'r_oslo']);
    expect(all.total).toMatchObject({ runs: 3, stopped: 3, wrongStops: 3 });
    expect((await backtest({ runIds: ['r_2', 'r_2'] })).runs.map(({ runId }) => runId)).toEqual(['r_2']);
    expect((await backtest({ projectId: 'p_oslo' })).total.runs).toBe(1);
    expect((await backtest({ since: '2096-01-01T00:00:00.000Z' })).total.runs).toBe(0);
    expect(await backtest({ limit: 1 })).toMatchObject({ total: { runs: 1 }, truncated: true });
    expect(await told.store.head()).toBe(before);
  });

  it('has nothing of others', async () => {
    const oslo = asOrganizationId('oslo');
    expect((await backtest({}, oslo)).runs.map(({ runId }) => runId)).toEqual(['r_oslo']);
    await expect(backtest({ runIds: ['r_1'] }, oslo)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(backtest({ projectId: 'p_1' }, oslo)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });
});

describe('tasks of two runs', () => {
  const task = (run: string, key: string, title: string, requirementIds: string[] = []): TaskDocument =>
    ({ id: `${run}.${key}`, key, title, kind: 'task', requirementIds }) as unknown as TaskDocument;
  const named = (sharePast: boolean, a: readonly TaskDocument[], b: readonly TaskDocument[]) =>
    alignTasks(a, b, sharePast).map((pair) => [pair.by, pair.a?.key ?? null, pair.b?.key ?? null]);

  it('are the same by key only where the runs share a past', () => {
    const a = [task('a', 'T1', 'Store links'), task('a', 'T2', 'Redirect')];
    const b = [task('b', 'T1', 'Redirect'), task('b', 'T2', 'Count')];
    expect(named(true, a, b)).toEqual([
      ['key', 'T1', 'T1'],
      ['key', 'T2', 'T2'],
    ]);
    expect(named(false, a, b)).toEqual([
      [null, 'T1', null],
      ['title', 'T2', 'T1'],
      [null, null, 'T2'],
    ]);
  });

  it('are the same by what they are for, unless several are', () => {
    const a = [
      task('a', 'T1', 'Keep', ['R1', 'R2']),
      task('a', 'T2', 'One', ['R3']),
      task('a', 'T3', 'Two', ['R3']),
    ];
    const b = [task('b', 'T7', 'Store', ['R2', 'R1']), task('b', 'T8', 'Three', ['R3'])];
    expect(named(false, a, b)).toEqual([
      ['requirements', 'T1', 'T7'],
      [null, 'T2', null],
      [null, 'T3', null],
      [null, null, 'T8'],
    ]);
  });
});
