export {
  type AgentGroup,
  type AgentType,
  agentGroups,
  agentTypeSchema,
  type ModelTier,
  modelTiers,
  type Role,
  roles,
  type ToolName,
  toolNames,
} from './agent-type.ts';
export { agentType, agentTypes, agentTypesOfRole, isAgentType } from './catalogue.ts';
