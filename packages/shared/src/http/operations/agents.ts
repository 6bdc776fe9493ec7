import * as resource from '../resources.ts';
import { paged, pageOf, query, queryOf, read } from './shapes.ts';

export const agentOperations = {
  listAgents: query('/agents', 'Agents, newest first.', paged, pageOf(resource.agentResource)),
  getAgent: queryOf('/agents/:id', 'An agent.', read, resource.agentResource),
};
