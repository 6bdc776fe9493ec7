import { createRequire } from 'node:module';
import type { ChatMessage, ChatRequest, ContentPart } from './port.ts';

type CountTokens = (text: string, options: { disallowedSpecial: Set<string> }) => number;

/** The vocabulary takes 150 ms to load, which a start-up that asks no model should not pay. */
const load = createRequire(import.meta.url);
let tokenizer: CountTokens | null = null;
const countTokens = (text: string): number => {
  tokenizer ??= (load('gpt-tokenizer/cjs/encoding/o200k_base') as { countTokens: CountTokens }).countTokens;
  return tokenizer(text, { disallowedSpecial: new Set() });
};

/**
 * One word of 100,000 letters keeps the byte-pair merge busy for ten seconds (it is quadratic in a word's length); in pieces
 * it takes 0.1 s, and a cut costs a token at the most.
 */
const pieceLength = 1_000;

/** Tokens of a text in the `o200k_base` vocabulary, never fewer than it has. Other vocabularies: see `tokenFactor`. */
export const estimateTokens = (text: string): number => {
  let tokens = 0;
  for (let start = 0; start < text.length; start += pieceLength) {
    tokens += countTokens(text.slice(start, start + pieceLength));
  }
  return tokens;
};

/** Role, separators and the wrapping of a tool call or result, as the providers count them, rounded up. */
const tokensPerPart = 16;

const textOf = (part: ContentPart): string => {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'tool_call':
      return `${part.id}${part.tool}${JSON.stringify(part.arguments) ?? ''}`;
    case 'tool_result':
      return `${part.id}${part.content}`;
  }
};

const counted = new WeakMap<object, number>();
const countedOnce = (key: object, count: () => number): number => {
  const known = counted.get(key);
  if (known !== undefined) return known;
  const tokens = count();
  counted.set(key, tokens);
  return tokens;
};

const messageTokens = (message: ChatMessage): number =>
  countedOnce(message, () =>
    message.content.reduce((sum, part) => sum + tokensPerPart + estimateTokens(textOf(part)), tokensPerPart),
  );

/** What providers put in front of a conversation when it has tools, or an answer with a schema. */
const preambleTokens = 800;

/**
 * Input tokens of a request in the `o200k_base` vocabulary. A message is counted once, however often it is sent again: the
 * cost of measuring a growing conversation is that of its new messages.
 */
export const estimateRequestTokens = (request: ChatRequest): number => {
  const { tools, answer } = request;
  const schema = answer === null ? null : answer.jsonSchema;
  return (
    tokensPerPart +
    estimateTokens(request.system) +
    request.messages.reduce((sum, message) => sum + messageTokens(message), 0) +
    (tools.length === 0
      ? 0
      : preambleTokens + countedOnce(tools, () => estimateTokens(JSON.stringify(tools)))) +
    (schema === null ? 0 : preambleTokens + countedOnce(schema, () => estimateTokens(JSON.stringify(schema))))
  );
};
