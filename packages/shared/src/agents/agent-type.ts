import { z } from 'zod';

/** An agent type is data: who somebody is, what they may use, and how they are asked. The runner knows none of them by name. */

export const agentGroups = [
  'engineering',
  'operations',
  'business',
  'data',
  'product',
  'growth',
  'review',
] as const;
export type AgentGroup = (typeof agentGroups)[number];

/** Names of the tools that an agent can be given; the runner has their schemas. */
export const toolNames = [
  'read_file',
  'write_file',
  'edit_file',
  'list_files',
  'search_files',
  'run_command',
  'knowledge_search',
  'send_message',
] as const;
export type ToolName = (typeof toolNames)[number];

/** How strong a model the work asks for; which model that is, the run's configuration says. */
export const modelTiers = ['fast', 'standard', 'strong'] as const;
export type ModelTier = (typeof modelTiers)[number];

/** The seven roles of a software company, for people who would rather think in those. */
export const roles = ['pm', 'dev-lead', 'developer', 'qa', 'docs', 'devops', 'security'] as const;
export type Role = (typeof roles)[number];

export const agentTypeSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  title: z.string().min(1),
  group: z.enum(agentGroups),
  /** One line: what they are for. */
  purpose: z.string().min(1),
  /** Who the model is asked to be. How an agent works (steps, tools, answers) is added by the runner. */
  systemPrompt: z.string().min(1),
  /** What a planner matches work against. */
  capabilities: z.array(z.string().min(1)).min(1).readonly(),
  tools: z.array(z.enum(toolNames)).min(1).readonly(),
  tier: z.enum(modelTiers),
  temperature: z.number().min(0).max(1),
});
export type AgentType = z.infer<typeof agentTypeSchema>;

/** Reading only: reviewers must not be able to change what they judge. */
export const readingTools = [
  'read_file',
  'list_files',
  'search_files',
  'knowledge_search',
] as const satisfies readonly ToolName[];
/** Documents and data: everything but commands. */
export const writingTools = [
  ...readingTools,
  'write_file',
  'edit_file',
  'send_message',
] as const satisfies readonly ToolName[];
/** Code: everything. */
export const buildingTools = [...writingTools, 'run_command'] as const satisfies readonly ToolName[];
