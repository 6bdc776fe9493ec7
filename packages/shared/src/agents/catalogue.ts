import { PartituraError } from '../runtime/errors.ts';
import { type AgentType, agentTypeSchema, type Role } from './agent-type.ts';
import { businessAgents } from './business.ts';
import { dataAgents } from './data.ts';
import { engineeringAgents } from './engineering.ts';
import { growthAgents } from './growth.ts';
import { operationsAgents } from './operations.ts';
import { productAgents } from './product.ts';
import { reviewAgents } from './review.ts';

/** All agent types there are, checked when the module is loaded: a mistake in the data stops the start, not a run. */
export const agentTypes: readonly AgentType[] = [
  ...engineeringAgents,
  ...operationsAgents,
  ...businessAgents,
  ...dataAgents,
  ...productAgents,
  ...growthAgents,
  ...reviewAgents,
].map((type) => agentTypeSchema.parse(type));

const byId: ReadonlyMap<string, AgentType> = new Map(agentTypes.map((type) => [type.id, type]));

export const isAgentType = (id: string): boolean => byId.has(id);

/** @throws {PartituraError} `UNKNOWN_AGENT_TYPE` */
export const agentType = (id: string): AgentType => {
  const found = byId.get(id);
  if (found) return found;
  throw new PartituraError('UNKNOWN_AGENT_TYPE', `There is no agent type "${id}".`, {
    advice: `The agent types are: ${agentTypes.map((type) => type.id).join(', ')}.`,
  });
};

/** Who takes a role of a software company on, the first of them when nothing says otherwise. */
export const agentTypesOfRole: Readonly<Record<Role, readonly [string, ...string[]]>> = {
  pm: ['prod-pm', 'review-business'],
  'dev-lead': ['review-code', 'eng-api', 'eng-perf'],
  developer: ['eng-backend', 'eng-frontend', 'eng-database', 'eng-mobile', 'eng-api'],
  qa: ['eng-qa'],
  docs: ['prod-techwriter'],
  devops: ['ops-devops', 'eng-infra', 'ops-release'],
  security: ['ops-security', 'review-security'],
};
