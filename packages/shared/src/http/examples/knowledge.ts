import { architectPlanSwarm } from '../../workflows/index.ts';
import type { Examples } from './example.ts';
import { ids, node, of, pageOf, positions } from './samples.ts';

const own = { ...architectPlanSwarm, name: 'our-way', version: 2 };

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
      name: architectPlanSwarm.name,
      version: architectPlanSwarm.version,
      description: architectPlanSwarm.description,
      phases: architectPlanSwarm.phases.map(({ id }) => id),
      builtIn: true,
    }),
  },
  publishWorkflow: {
    body: { ...own, phases: [...own.phases] },
    result: { id: own.name, version: 2, position: positions.now },
  },
  getWorkflow: {
    params: { name: own.name },
    result: { name: own.name, version: 2, builtIn: false, versions: [1, 2], definition: own },
  },
  getWorkflowVersion: {
    params: { name: own.name, version: 2 },
    result: { name: own.name, version: 2, builtIn: false, versions: [1, 2], definition: own },
  },
  listProjections: {
    result: pageOf(
      {
        name: 'runs',
        version: 4,
        position: positions.now,
        lag: 0,
        status: 'live' as const,
        progress: null,
      },
      {
        name: 'runs',
        version: 4,
        position: positions.earlier,
        lag: 565,
        status: 'rebuilding' as const,
        progress: { events: 412, total: 977 },
      },
    ),
  },
  rebuildProjection: { params: of('runs'), result: { id: 'runs', position: positions.now } },
} satisfies Examples;
