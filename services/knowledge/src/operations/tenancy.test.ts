import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId, type OrganizationId } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { context, openWorld, type World } from '../testing/world.ts';

const acme = asOrganizationId('acme');
const byDefault = asOrganizationId('default');

let world: World;
let living: Awaited<ReturnType<World['live']>>;
let position: string;

/** The same sentence is learned by an agent of acme's, and by one that names nobody. */
const learnings = ['Write tests first.', 'Write the parser by hand.'];
const learn = (agentId: string, projectId: string, organizationId?: OrganizationId) =>
  world.record(
    'agent',
    agentId,
    'agent.reflected',
    {
      summary: '',
      learnings,
      decisions: ['Use one table for tests.'],
      content: { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'text/plain' },
    },
    projectId,
    organizationId === undefined ? {} : { organizationId },
  );

beforeEach(async () => {
  world = await openWorld();
  living = await world.live();
  await learn('r_1.T1.a1', 'p_acme', acme);
  await learn('r_2.T1.a1', 'p_old');
  await world.until(5, 'p_acme');
  await world.until(5, 'p_old');
  position = await world.store.head();
});
afterEach(async () => {
  await living.stop();
  await world.close();
});

const by = (organizationId: OrganizationId | null) => ({ ...context, organizationId });
const list = async (organizationId: OrganizationId | null, projectId?: string) => {
  const query = { limit: 50, after: position, ...(projectId === undefined ? {} : { projectId }) };
  return (await living.operations.listKnowledge({ params: {}, query, body: null }, by(organizationId))).items;
};
const projectsOf = (nodes: readonly { readonly projectId: string }[]) =>
  new Set(nodes.map(({ projectId }) => projectId));
const nodesOf = async (projectId: string) => list(null, projectId);

it('says of what is known whose it is, as the agent’s events say of the agent', async () => {
  const owners = async (projectId: string) =>
    new Set((await world.known(projectId)).map(({ metadata }) => metadata.organizationId));
  expect(await owners('p_acme')).toEqual(new Set([acme]));
  expect(await owners('p_old')).toEqual(new Set([undefined]));
});

describe('what an organisation knows', () => {
  it('is listed and found by it alone, and by who sees the whole installation', async () => {
    const search = async (organizationId: OrganizationId | null, projectId?: string) => {
      const query = { q: 'tests', limit: 2, after: position, ...(projectId ? { projectId } : {}) };
      const found = await living.operations.searchKnowledge(
        { params: {}, query, body: null },
        by(organizationId),
      );
      return found.items.map(({ node }) => node);
    };
    expect(projectsOf(await list(null))).toEqual(new Set(['p_acme', 'p_old']));
    expect(projectsOf(await list(acme))).toEqual(new Set(['p_acme']));
    expect(projectsOf(await list(byDefault))).toEqual(new Set(['p_old']));
    expect(await list(acme, 'p_old')).toEqual([]);
    expect(await search(acme)).toHaveLength(2);
    expect(projectsOf(await search(acme))).toEqual(new Set(['p_acme']));
    expect(projectsOf(await search(byDefault))).toEqual(new Set(['p_old']));
    expect(await search(acme, 'p_old')).toEqual([]);
    expect(await search(asOrganizationId('nobody'))).toEqual([]);
  });

  it('is, under its id, not there for another, in the very words for what nobody knows', async () => {
    const [theirs] = await nodesOf('p_old');
    const id = theirs?.id ?? '';
    const getting = (nodeId: string) =>
      living.operations.getKnowledge({ params: { id: nodeId }, query: {}, body: null }, by(acme));
    const walking = (start: string) =>
      living.operations.getKnowledgeGraph({ params: {}, query: { start, depth: 2 }, body: null }, by(acme));
    for (const ask of [getting, walking]) {
      const refusals = await Promise.all(
        [id, 'k_nobodys'].map((one) =>
          ask(one).then(
            () => null,
            (error: unknown) => (error instanceof PartituraError ? error : null),
          ),
        ),
      );
      expect(refusals.map((error) => error?.code)).toEqual(['KNOWLEDGE_NOT_FOUND', 'KNOWLEDGE_NOT_FOUND']);
      expect(refusals[0]?.message).toBe(refusals[1]?.message.replace('k_nobodys', id));
    }
    const [ours] = await nodesOf('p_acme');
    expect(await getting(ours?.id ?? '')).toEqual(ours);
    const { nodes, edges } = await walking(ours?.id ?? '');
    expect(projectsOf(nodes)).toEqual(new Set(['p_acme']));
    expect(edges.length).toBeGreaterThan(0);
  });
});
