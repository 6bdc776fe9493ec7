import { z } from 'zod';
import * as resource from '../resources.ts';
import { command, pageOf, paging, query, queryOf, read, reason } from './shapes.ts';

export const agentOperations = {
  listAgents: query(
    '/agents',
    'Agents, newest first.',
    z.strictObject({ ...paging, status: z.enum(resource.agentStatuses).optional() }),
    pageOf(resource.agentResource),
  ),
  getAgent: queryOf('/agents/:id', 'An agent.', read, resource.agentResource),
  messageAgent: command(
    '/agents/:id/messages',
    'Tell an agent something; it reads it at its next turn.',
    z.strictObject({ text: z.string().min(1).max(10_000) }),
  ),
  interruptAgent: command(
    '/agents/:id/interrupt',
    'Stop what an agent is at: commands are broken off, an answer on its way is waited for. It goes on with the reason before it.',
    reason,
  ),
};
