export type {
  FoundKnowledge,
  RedoRule,
  Tool,
  ToolCall,
  ToolContext,
  ToolLimits,
  ToolResult,
} from './port.ts';
