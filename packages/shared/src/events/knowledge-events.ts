import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

export const nodeKinds = ['decision', 'pattern', 'solution', 'problem', 'code', 'architecture'] as const;
export const memoryKinds = ['episodic', 'semantic', 'procedural'] as const;

export const provenance = z.strictObject({
  /** Id and position of the event it was drawn from; of what a person said, of the command, and where the log stood. */
  eventId: z.string(),
  position: z.string(),
  runId: z.string().nullable(),
  taskId: z.string().nullable(),
  agentId: z.string().nullable(),
  commit: z.string().nullable(),
  /** The person who said so; absent where nobody did. */
  author: z.string().optional(),
});

export const knowledgeNode = z.strictObject({
  nodeId: z.string(),
  projectId: z.string(),
  kind: z.enum(nodeKinds),
  memory: z.enum(memoryKinds),
  title: z.string().min(1).max(200),
  content: z.string().min(1),
  tags: z.array(z.string()),
  /** 0 to 1. */
  importance: z.number().min(0).max(1),
  provenance,
});
export type KnowledgeNode = z.infer<typeof knowledgeNode>;

/** Stream `knowledge-<project>`, owned by knowledge. */
export const knowledgeEvents = {
  'knowledge.node_added': {
    ...contract('Something is known.', knowledgeNode),
    version: 2,
    // Before people could say what they know, everything was drawn from what agents did: no author is what that is called now.
    upcasters: { 1: (data: Omit<KnowledgeNode, 'provenance'> & { provenance: object }) => data },
  },
  'knowledge.edge_added': contract(
    'Two things known have to do with each other.',
    z.strictObject({
      from: z.string(),
      to: z.string(),
      relation: z.enum(['solves', 'causes', 'refines', 'relates_to', 'supersedes']),
    }),
  ),
  'knowledge.node_used': contract(
    'It was put into an agent’s context.',
    z.strictObject({ nodeId: z.string(), agentId: z.string() }),
  ),
  'knowledge.node_scored': contract(
    'How the attempts that used it ended.',
    z.strictObject({ nodeId: z.string(), agentId: z.string(), score: z.number().min(-1).max(1) }),
  ),
  'knowledge.node_confirmed': contract(
    'Somebody else came to know it as well. What fell with its only source stands again.',
    z.strictObject({ nodeId: z.string(), provenance }),
  ),
  'knowledge.source_rejected': contract(
    'What came of an attempt is not to be relied on, nor what is known from it alone.',
    z.strictObject({ agentId: z.string(), reason: z.string() }),
  ),
  'knowledge.node_retracted': contract(
    'It is not to be relied on.',
    z.strictObject({
      nodeId: z.string(),
      reason: z.string(),
      /** The node or the attempt without which nobody knows it; absent where somebody named this very node. */
      because: z.string().optional(),
      /** What is to be done again: attempts that had it, or what fell with it, in their context; and what fell with it. */
      redo: z.strictObject({ agentIds: z.array(z.string()), nodeIds: z.array(z.string()) }).optional(),
    }),
  ),
};
export type KnowledgeEvent = EventOf<typeof knowledgeEvents>;
