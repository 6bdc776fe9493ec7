import type { ChatMessage, ChatRequest, ContentPart } from '../port.ts';

type ToolCall = Extract<ContentPart, { kind: 'tool_call' }>;
type ToolResult = Extract<ContentPart, { kind: 'tool_result' }>;

/** One use of a tool, as the conversation tells it. */
export interface Exchange {
  readonly call: ToolCall;
  readonly result: ToolResult | null;
}

/** What was done since the task was given: since the last message that is no answer to tools. */
export const exchangesSince = (messages: readonly ChatMessage[]): Exchange[] => {
  const start = messages.findLastIndex(
    ({ role, content }) => role === 'user' && !content.some(({ kind }) => kind === 'tool_result'),
  );
  const parts = messages.slice(start + 1).flatMap(({ content }) => content);
  const results = new Map(
    parts.flatMap((part) => (part.kind === 'tool_result' ? [[part.id, part] as const] : [])),
  );
  return parts.flatMap((part) =>
    part.kind === 'tool_call' ? [{ call: part, result: results.get(part.id) ?? null }] : [],
  );
};

/** A string among the call's arguments. */
export const argumentOf = ({ call }: Exchange, name: string): string | null => {
  const given = call.arguments;
  if (given === null || typeof given !== 'object') return null;
  const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
};

/** What a tool said about a file or command; null when it was not asked or failed. */
export const resultOf = (
  exchanges: readonly Exchange[],
  tool: string,
  argument: string,
  value: string,
): string | null => {
  const found = exchanges.findLast(
    (exchange) => exchange.call.tool === tool && argumentOf(exchange, argument) === value,
  );
  return found?.result && !found.result.failed ? found.result.content : null;
};

/** A file as it stands, from what `read_file` showed of it: with line numbers, without the last line's end. */
export const fileRead = (exchanges: readonly Exchange[], path: string): string | null => {
  const shown = resultOf(exchanges, 'read_file', 'path', path);
  if (shown === null) return null;
  const lines = shown.split('\n');
  const numbered = lines.every((line) => /^ *\d+\t/.test(line));
  if (numbered) return `${lines.map((line) => line.replace(/^ *\d+\t/, '')).join('\n')}\n`;
  // Numbers on some lines only: a part was left out, and what is not whole must not be written back.
  return lines.some((line) => /^ *\d+\t/.test(line)) ? null : shown;
};

export const offers = (request: ChatRequest, tool: string): boolean =>
  request.tools.some(({ name }) => name === tool);
