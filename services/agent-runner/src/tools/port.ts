import type { ToolName } from '@partitura/shared/agents';
import type { z } from 'zod';
import type { Sandbox } from '../sandbox/port.ts';
import type { Worktree } from '../workspaces/port.ts';

export interface ToolResult {
  /** `refused`: not done because it must not be; `failed`: tried, or could not be tried as asked. */
  readonly outcome: 'succeeded' | 'failed' | 'refused';
  /** What the model reads. */
  readonly text: string;
}

export interface FoundKnowledge {
  readonly nodeId: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly score: number;
}

/** What a tool may reach. Absent parts make the tools that need them answer `refused`. */
export interface ToolContext {
  /** Names this very call: doing it again after a crash has the same id. */
  readonly toolCallId: string;
  readonly worktree: Worktree | null;
  /** Null when there is none to be had: no sandbox, no command. */
  readonly sandbox: Sandbox | null;
  readonly searchKnowledge: (query: string, limit: number) => Promise<readonly FoundKnowledge[]>;
  /** Recorded once per tool call id, however often it is called. */
  readonly sendMessage: (message: {
    readonly to: string;
    readonly text: string;
    readonly toolCallId: string;
  }) => Promise<void>;
  readonly limits: ToolLimits;
  readonly signal: AbortSignal;
}

export interface ToolLimits {
  /** Bytes of a file that `read_file` reads at once and `write_file` takes. */
  readonly maxFileBytes: number;
  /** Characters of any tool's answer. */
  readonly maxResultCharacters: number;
  readonly commandTimeoutMs: number;
}

/** What to do when a crash came between `tool.called` and `tool.returned`. */
export type RedoRule =
  /** Doing it twice is the same as once. */
  | 'repeat'
  /** Doing it twice is found out by the tool itself, which then says that it is done. */
  | 'recognised'
  /** It may have had an effect in the worktree; it is run again, and the model told so. */
  | 'repeat_with_notice';

export interface Tool<Arguments = unknown> {
  readonly name: ToolName;
  readonly description: string;
  readonly schema: z.ZodType<Arguments>;
  /** What it costs besides tokens, in words: `free`, `up to 2 minutes of machine time`. */
  readonly cost: string;
  readonly needsApproval: boolean;
  readonly redo: RedoRule;
  execute(input: Arguments, context: ToolContext): Promise<ToolResult>;
}

export interface ToolCall {
  readonly tool: string;
  readonly arguments: unknown;
  /** True when a crash came after the call was recorded and before its result was. */
  readonly redone: boolean;
}
