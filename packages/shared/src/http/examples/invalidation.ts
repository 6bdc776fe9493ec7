import type { Examples } from './example.ts';
import { agent, ids, node, of, positions, task } from './samples.ts';

/** What is not to be relied on, and what was built upon it. */
export const invalidationExamples = {
  rejectTask: {
    params: of(ids.task),
    body: { reason: 'It stores passwords as they are.', redo: true },
    result: { id: ids.task, position: positions.now },
  },
  getTaskConsumers: {
    params: of(ids.task),
    result: {
      id: ids.task,
      tasks: [
        {
          id: `${ids.run}.T7`,
          title: 'Sign in',
          status: 'completed' as const,
          agentId: `${ids.run}.T7.a1`,
          commit: task.commit,
          through: 'dependency' as const,
        },
      ],
      knowledge: [
        { id: node.id, kind: 'decision' as const, title: node.title, retracted: false, usedBy: [agent.id] },
      ],
    },
  },
  retractKnowledge: {
    params: of(ids.node),
    body: { reason: 'Slugs are given again after a year by now.', redo: true },
    result: { id: ids.node, position: positions.now },
  },
  getKnowledgeConsumers: {
    params: of(ids.node),
    result: {
      id: ids.node,
      retracted: false,
      attempts: [
        { agentId: agent.id, taskId: agent.taskId, runId: ids.run, nodeId: ids.node, succeeded: true },
      ],
      nodes: [
        {
          id: 'k_8s1f4g6h2j',
          kind: 'pattern' as const,
          title: 'Slugs are made once',
          retracted: false,
          falls: true,
        },
      ],
    },
  },
} satisfies Examples;
