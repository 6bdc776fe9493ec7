import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OperationHandlers, operations } from '@partitura/shared/http';
import { runStory } from '@partitura/shared/http/testing';
import { asker, type ToldService, toldService } from '../testing/told-service.ts';

let told: ToldService;
let handlers: OperationHandlers;

beforeEach(async () => {
  told = await toldService(runStory({ deadLetter: true }));
  handlers = told.handlers;
});
afterEach(() => told.stop());

const context = asker();
const params = { id: 'r_1' };

describe('the timeline of a run', () => {
  const pageOf = (query: { limit: number; cursor?: string }) =>
    handlers.getRunTimeline({ params, query, body: null }, context);

  it('has a lane for each task that is worked on, with an agent for each attempt, in order', async () => {
    const { items } = await pageOf({ limit: 50 });
    expect(items.map(({ key }) => key)).toEqual(['T1', 'T2', 'T3']);
    expect(items[0]?.agents.map(({ attempt }) => attempt)).toEqual([1, 2]);
    for (const { agents, startedAt, endedAt, status } of items) {
      expect(startedAt).toBe(agents[0]?.startedAt);
      expect(endedAt === null).toBe(!['completed', 'dead_letter'].includes(status));
    }
  });

  it('comes in pages that miss nothing and show nothing twice', async () => {
    const keys: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof pageOf>> = await pageOf({
        limit: 1,
        ...(cursor === null ? {} : { cursor }),
      });
      keys.push(...page.items.map(({ key }) => key));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(keys).toEqual(['T1', 'T2', 'T3']);
  });
});

describe('lists', () => {
  it('are narrowed by what is asked for, also by two things at once', async () => {
    const idsOf = async (
      name: 'listRuns' | 'listAgents' | 'listApprovals' | 'listProjects',
      query: object,
    ) => {
      const page = operations[name].result.parse(await told.ask(name, { query }));
      return page.items.map(({ id }) => id);
    };
    const [run] = (await handlers.listRuns({ params: {}, query: { limit: 5 }, body: null }, context)).items;
    expect(await idsOf('listRuns', { status: run?.status, projectId: 'p_1' })).toEqual(['r_1']);
    expect(await idsOf('listRuns', { status: run?.status, projectId: 'p_2' })).toEqual([]);
    expect(await idsOf('listRuns', { status: 'queued', projectId: 'p_1' })).toEqual([]);
    expect(await idsOf('listApprovals', { status: 'granted', runId: 'r_1' })).toEqual(['r_1.ap1']);
    expect(await idsOf('listApprovals', { status: 'pending', runId: 'r_1' })).toEqual([]);
    expect(await idsOf('listAgents', { status: 'waiting' })).toEqual([]);
    expect(await idsOf('listProjects', { status: 'archived' })).toEqual([]);
  });
});
