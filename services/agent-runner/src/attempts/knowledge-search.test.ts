import { describe, expect, it } from '@jest/globals';
import { asOrganizationId, defaultOrganization } from '@partitura/shared/events';
import type { HybridQuery } from '@partitura/shared/knowledge-index';
import { featureHashingEmbedder } from '@partitura/shared/models';
import { workTask } from '@partitura/shared/planning/testing';
import { knowledgeSearch } from './knowledge-search.ts';

const { signal } = new AbortController();

const asked = () => {
  const queries: HybridQuery[] = [];
  const search = async (query: HybridQuery) => {
    queries.push(query);
    return [];
  };
  return { queries, knowledge: knowledgeSearch({ search }, featureHashingEmbedder()) };
};

describe('what an agent looks up', () => {
  it.each([
    [{ organizationId: asOrganizationId('acme') }, 'acme'],
    // A run of before there were organisations.
    [{}, defaultOrganization],
  ])('is what the organisation of its run knows in its project: %j', async (owner, organizationId) => {
    const { queries, knowledge } = asked();
    const searcher = {
      projectId: 'p_1',
      runId: 'r_1',
      forks: [],
      owner,
      distrusted: new Set<string>(),
      rejectedAttempts: new Map(),
    };
    await knowledge.find(searcher, 'backoff', 3, signal);
    await knowledge.forTask(searcher, workTask('T1', []), signal);
    expect(queries).toHaveLength(2);
    for (const query of queries) expect(query).toMatchObject({ organizationId, projectId: 'p_1' });
  });
});
