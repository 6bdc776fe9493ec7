import { z } from 'zod';
import { memoryKinds, nodeKinds } from '../../events/index.ts';
import { defineOperation } from '../operation.ts';
import * as resource from '../resources.ts';
import { accepted, nothing, pageOf, paging, query, queryOf, read, reading } from './shapes.ts';

export const addKnowledgeBody = z.strictObject({
  projectId: z.string().min(1),
  kind: z.enum(nodeKinds),
  memory: z.enum(memoryKinds).default('semantic'),
  /** Default: the first sentence of the content. */
  title: z.string().min(1).max(200).optional(),
  content: z.string().trim().min(1).max(20_000),
  tags: z.array(z.string().min(1).max(50)).max(20).default([]),
  importance: z.number().min(0).max(1).default(0.8),
});

export const knowledgeOperations = {
  addKnowledge: defineOperation({
    method: 'POST',
    path: '/knowledge/nodes',
    owner: 'knowledge',
    role: 'operator',
    summary: 'Say what is known in a project, for its agents to find.',
    params: nothing,
    query: nothing,
    body: addKnowledgeBody,
    result: accepted,
    status: 201,
  }),
  listKnowledge: query(
    '/knowledge/nodes',
    'What is known.',
    z.strictObject({ ...paging, projectId: z.string().optional() }),
    pageOf(resource.knowledgeNodeResource),
    'knowledge',
  ),
  getKnowledge: queryOf(
    '/knowledge/nodes/:id',
    'One thing known.',
    read,
    resource.knowledgeNodeResource,
    'knowledge',
  ),
  searchKnowledge: query(
    '/knowledge/search',
    'By words and by meaning.',
    z.strictObject({
      ...reading,
      q: z.string().min(1).max(1_000),
      projectId: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(10),
    }),
    z.strictObject({
      embedder: z.string(),
      items: z.array(z.strictObject({ score: z.number(), node: resource.knowledgeNodeResource })),
    }),
    'knowledge',
  ),
  getKnowledgeGraph: query(
    '/knowledge/graph',
    'What is known around a node.',
    z.strictObject({
      ...reading,
      start: z.string().min(1),
      depth: z.coerce.number().int().min(0).max(5).default(2),
    }),
    z.strictObject({
      nodes: z.array(resource.knowledgeNodeResource),
      edges: z.array(z.strictObject({ from: z.string(), to: z.string(), relation: z.string() })),
    }),
    'knowledge',
  ),
};
