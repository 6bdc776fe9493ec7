export { openingTools } from './opening-tools.ts';
export type {
  FoundKnowledge,
  RedoRule,
  Tool,
  ToolCall,
  ToolContext,
  ToolLimits,
  ToolResult,
} from './port.ts';
export { type ToolBox, toolBox } from './tool-box.ts';
