import type { ToolName } from '@partitura/shared/agents';
import type { ToolSpecification } from '@partitura/shared/models';
import { GitError } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { z } from 'zod';
import { runCommandTool } from './command-tool.ts';
import { editFileTool, failed, readFileTool, writeFileTool } from './file-tools.ts';
import type { Tool, ToolCall, ToolContext, ToolResult } from './port.ts';
import { listFilesTool, searchFilesTool } from './search-tools.ts';
import { knowledgeSearchTool, sendMessageTool } from './swarm-tools.ts';

export interface ToolBox {
  /** As a model is told of them; the order is the given one. */
  specifications(names: readonly ToolName[]): readonly ToolSpecification[];
  /** What the log and the agent's rules say of a tool. */
  describe(name: ToolName): Pick<Tool, 'cost' | 'needsApproval' | 'redo'>;
  /** Never throws for what a model can get wrong; it is told instead. An aborted signal rejects with its reason. */
  run(call: ToolCall, context: ToolContext): Promise<ToolResult>;
}

interface BoxedTool extends Pick<Tool, 'cost' | 'needsApproval' | 'redo'> {
  readonly specification: ToolSpecification;
  readonly use: (input: unknown, context: ToolContext) => Promise<ToolResult>;
}

const explain = (tool: string, error: z.ZodError): string => {
  const problems = error.issues.map(
    ({ path, message }) => `${path.length === 0 ? 'arguments' : path.join('.')}: ${message}`,
  );
  return `The arguments do not fit ${tool}: ${problems.join('; ')}.`;
};

/** From here on the tool's own type of arguments is nobody's business any more. */
const boxed = <Arguments>(tool: Tool<Arguments>): BoxedTool => ({
  cost: tool.cost,
  needsApproval: tool.needsApproval,
  redo: tool.redo,
  specification: { name: tool.name, description: tool.description, parameters: z.toJSONSchema(tool.schema) },
  use: async (input, context) => {
    const parsed = tool.schema.safeParse(input);
    return parsed.success
      ? await tool.execute(parsed.data, context)
      : failed(explain(tool.name, parsed.error));
  },
});

const tools: Readonly<Record<ToolName, BoxedTool>> = {
  read_file: boxed(readFileTool),
  write_file: boxed(writeFileTool),
  edit_file: boxed(editFileTool),
  list_files: boxed(listFilesTool),
  search_files: boxed(searchFilesTool),
  run_command: boxed(runCommandTool),
  knowledge_search: boxed(knowledgeSearchTool),
  send_message: boxed(sendMessageTool),
};

const byName: ReadonlyMap<string, BoxedTool> = new Map(Object.entries(tools));

/** Head and tail: what a command says first and last is worth the most. */
const shortened = (text: string, maxCharacters: number): string => {
  if (text.length <= maxCharacters) return text;
  const half = Math.floor(maxCharacters / 2);
  return `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters left out …]\n${text.slice(-half)}`;
};

const redoneNotice = 'The machine stopped while this command ran, so it was run again from the beginning.\n';

const explainFailure = (error: unknown): ToolResult => {
  if (error instanceof GitError && error.code === 'GIT_TIMED_OUT')
    return failed('That took too long. Ask for less.');
  if (error instanceof PartituraError) return failed(error.message);
  throw error;
};

/** @param clean takes out of an answer what must not be kept, while it is whole: what is cut through nobody recognises any more */
export const toolBox = (clean: (text: string) => string = (text) => text): ToolBox => ({
  specifications: (names) => names.map((name) => tools[name].specification),
  describe: (name) => tools[name],
  run: async (call, context) => {
    const tool = byName.get(call.tool);
    if (tool === undefined)
      return failed(`There is no tool "${call.tool}". There are: ${[...byName.keys()].join(', ')}.`);
    const result = await tool.use(call.arguments, context).catch((error: unknown) => {
      context.signal.throwIfAborted();
      return explainFailure(error);
    });
    const notice = call.redone && tool.redo === 'repeat_with_notice' ? redoneNotice : '';
    return { ...result, text: shortened(notice + clean(result.text), context.limits.maxResultCharacters) };
  },
});
