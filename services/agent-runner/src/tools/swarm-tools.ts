import { z } from 'zod';
import { succeeded } from './file-tools.ts';
import type { Tool } from './port.ts';

const knowledgeSchema = z.strictObject({
  query: z.string().min(1).max(1_000).describe('Plain words.'),
  limit: z.int().positive().max(20).optional(),
});

export const knowledgeSearchTool: Tool<z.infer<typeof knowledgeSchema>> = {
  name: 'knowledge_search',
  description:
    'Finds what agents of this project decided and learned before: decisions, patterns, solutions, problems.',
  schema: knowledgeSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'repeat',
  execute: async (input, context) => {
    const found = await context.searchKnowledge(input.query, input.limit ?? 5);
    if (found.length === 0) return succeeded('Nothing is known about that yet.');
    return succeeded(
      found.map(({ nodeId, kind, title, text }) => `[${nodeId}] ${kind}: ${title}\n${text}`).join('\n\n'),
    );
  },
};

const messageSchema = z.strictObject({
  to: z.string().min(1).max(200).describe('An agent, or "all".'),
  text: z.string().min(1).max(10_000),
});

export const sendMessageTool: Tool<z.infer<typeof messageSchema>> = {
  name: 'send_message',
  description:
    'Sends a message to another agent of this run, or to all of them. It is read at their next step; no answer is waited for.',
  schema: messageSchema,
  cost: 'free',
  needsApproval: false,
  redo: 'recognised',
  execute: async (input, context) => {
    await context.sendMessage({ to: input.to, text: input.text, toolCallId: context.toolCallId });
    return succeeded(`Sent to ${input.to}.`);
  },
};
