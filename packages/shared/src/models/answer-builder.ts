import type { ContentPart, StopReason } from './port.ts';
import type { TokenCounts } from './prices/index.ts';
import { estimateTokens } from './tokens.ts';

type Piece = { kind: 'text'; text: string } | { kind: 'tool_call'; id: string; tool: string; json: string };

export type BuiltContent =
  | { readonly complete: true; readonly content: readonly ContentPart[] }
  | { readonly complete: false; readonly message: string };

/** What has come of an answer so far, piece by piece. */
export interface AnswerBuilder {
  text(key: string, text: string): void;
  toolCall(key: string, id: string, tool: string): void;
  toolArguments(key: string, json: string): void;
  has(key: string): boolean;
  /** The id of the tool call with the key. */
  idOf(key: string): string | null;
  /** Output tokens at the least, by what was received: for answers that end before the provider says. */
  estimatedOutputTokens(): number;
  isEmpty(): boolean;
  content(): BuiltContent;
  /** As far as the provider has said. */
  counts: TokenCounts | null;
  /** Null until the provider says why it stops. */
  stopReason: StopReason | null;
}

const readArguments = (json: string): { readonly value: unknown } | null => {
  try {
    return { value: json.trim() === '' ? {} : JSON.parse(json) };
  } catch {
    return null;
  }
};

export const answerBuilder = (onText: (text: string) => void): AnswerBuilder => {
  const pieces = new Map<string, Piece>();
  return {
    counts: null,
    stopReason: null,
    text: (key, text) => {
      if (text === '') return;
      const piece = pieces.get(key);
      if (piece?.kind === 'text') piece.text += text;
      else pieces.set(key, { kind: 'text', text });
      onText(text);
    },
    toolCall: (key, id, tool) => {
      pieces.set(key, { kind: 'tool_call', id, tool, json: '' });
    },
    toolArguments: (key, json) => {
      const piece = pieces.get(key);
      if (piece?.kind === 'tool_call') piece.json += json;
    },
    has: (key) => pieces.has(key),
    idOf: (key) => {
      const piece = pieces.get(key);
      return piece?.kind === 'tool_call' ? piece.id : null;
    },
    estimatedOutputTokens: () =>
      [...pieces.values()].reduce(
        (sum, piece) => sum + estimateTokens(piece.kind === 'text' ? piece.text : piece.json),
        0,
      ),
    isEmpty: () => pieces.size === 0,
    content: () => {
      const content: ContentPart[] = [];
      for (const piece of pieces.values()) {
        if (piece.kind === 'text') {
          content.push(piece);
          continue;
        }
        const read = readArguments(piece.json);
        if (read === null) {
          return {
            complete: false,
            message: `The arguments of the tool call "${piece.tool}" are not JSON: ${piece.json.slice(0, 120)}`,
          };
        }
        content.push({ kind: 'tool_call', id: piece.id, tool: piece.tool, arguments: read.value });
      }
      return { complete: true, content };
    },
  };
};
