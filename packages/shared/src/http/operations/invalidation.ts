import { z } from 'zod';
import { nodeKinds } from '../../events/index.ts';
import { defineOperation } from '../operation.ts';
import { taskStatuses } from '../resources.ts';
import { accepted, byId, command, nothing, queryOf, read } from './shapes.ts';

const why = z.string().trim().min(1).max(2_000);

/** What a task's result went into. `tasks` are exactly those that are done again when it is rejected. */
const consumersOfTask = z.strictObject({
  id: z.string(),
  tasks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      status: z.enum(taskStatuses),
      /** Whose result it is, or who is at it. */
      agentId: z.string(),
      commit: z.string().nullable(),
      /** It depended on the task, or on one that did; or its phase looked at the whole. */
      through: z.enum(['dependency', 'phase']),
    }),
  ),
  /** Known from the task's attempts, and which attempts were told of it. */
  knowledge: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(nodeKinds),
      title: z.string(),
      retracted: z.boolean(),
      usedBy: z.array(z.string()),
    }),
  ),
});

const consumersOfNode = z.strictObject({
  id: z.string(),
  retracted: z.boolean(),
  /** Attempts that had it, or what falls with it, in their context. */
  attempts: z.array(
    z.strictObject({
      agentId: z.string(),
      taskId: z.string(),
      runId: z.string(),
      /** The piece that it was told. */
      nodeId: z.string(),
      /** How it ended; null when it has not, or nobody knows. */
      succeeded: z.boolean().nullable(),
    }),
  ),
  /** Known from attempts that were told of it, or of what falls with it. */
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(nodeKinds),
      title: z.string(),
      retracted: z.boolean(),
      /** Nobody else knows it: it falls with what it was drawn from. */
      falls: z.boolean(),
    }),
  ),
});

export const invalidationOperations = {
  rejectTask: command(
    '/tasks/:id/reject',
    'Do not take a task’s result: with redo it is done again, and what consumed it; without, it waits in the dead letters.',
    z.strictObject({ reason: why, redo: z.boolean().default(true) }),
  ),
  getTaskConsumers: queryOf(
    '/tasks/:id/consumers',
    'What a task’s result went into.',
    read,
    consumersOfTask,
    'orchestrator',
  ),
  retractKnowledge: defineOperation({
    method: 'POST',
    path: '/knowledge/nodes/:id/retract',
    owner: 'knowledge',
    role: 'operator',
    summary: 'Say that something is not to be relied on; with redo, what built upon it is done again.',
    params: byId,
    query: nothing,
    body: z.strictObject({ reason: why, redo: z.boolean().default(false) }),
    result: accepted,
    status: 202,
  }),
  getKnowledgeConsumers: queryOf(
    '/knowledge/nodes/:id/consumers',
    'Who was told of something, and what is known from them.',
    read,
    consumersOfNode,
    'knowledge',
  ),
};
