import type { Examples } from './example.ts';
import { ids, node, of, pageOf, positions } from './samples.ts';

/** Knowledge, workflows and read models. */
export const knowledgeExamples = {
  addKnowledge: {
    body: {
      projectId: ids.project,
      kind: 'decision',
      title: 'Slugs are never reused',
      content: 'A slug that has expired is not given again: old newsletters link to it.',
    },
    result: { id: ids.node, position: positions.now },
  },
  listKnowledge: { query: { projectId: ids.project }, result: pageOf(node) },
  getKnowledge: { params: of(ids.node), result: node },
  searchKnowledge: {
    query: { q: 'how are slugs made', limit: 5 },
    result: { embedder: 'built-in', items: [{ score: 0.83, node }] },
  },
  getKnowledgeGraph: {
    query: { start: ids.node, depth: 1 },
    result: { nodes: [node], edges: [{ from: ids.node, to: 'k_8s1f4g6h2j', relation: 'supports' }] },
  },
  listWorkflows: {
    result: pageOf({
      name: 'default',
      version: 1,
      description: 'Plan, build, verify.',
      phases: ['plan', 'build', 'verify'],
    }),
  },
  listProjections: {
    result: pageOf({ name: 'runs', version: 3, position: positions.now, lag: 0, status: 'live' as const }),
  },
  rebuildProjection: { params: of('runs'), result: { id: 'runs', position: positions.now } },
} satisfies Examples;
