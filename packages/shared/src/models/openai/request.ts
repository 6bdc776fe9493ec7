import { createRequire } from 'node:module';
import type OpenAI from 'openai';
import { parseModelName } from '../model-name.ts';
import type { ChatMessage, ChatRequest, ContentPart } from '../port.ts';
import type { ModelPrice } from '../prices/index.ts';
import type { Dialect } from './dialect.ts';

type Part<Kind extends ContentPart['kind']> = Extract<ContentPart, { kind: Kind }>;
type Answer = NonNullable<ChatRequest['answer']>;
type Params = OpenAI.ChatCompletionCreateParamsStreaming;

const textOf = (content: readonly ContentPart[]): string =>
  content
    .filter((part): part is Part<'text'> => part.kind === 'text')
    .map((part) => part.text)
    .join('\n');

const toolCallOf = (part: Part<'tool_call'>): OpenAI.ChatCompletionMessageToolCall => ({
  id: part.id,
  type: 'function',
  function: { name: part.tool, arguments: JSON.stringify(part.arguments ?? {}) },
});

const assistantMessage = (content: readonly ContentPart[]): OpenAI.ChatCompletionAssistantMessageParam => {
  const calls = content
    .filter((part): part is Part<'tool_call'> => part.kind === 'tool_call')
    .map(toolCallOf);
  const text = textOf(content);
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
};

/** A failed tool says so in words: this protocol has no mark for it. */
const toolMessage = (part: Part<'tool_result'>): OpenAI.ChatCompletionToolMessageParam => ({
  role: 'tool',
  tool_call_id: part.id,
  content: part.failed ? `The tool failed: ${part.content}` : part.content,
});

const messagesOf = ({ role, content }: ChatMessage): readonly OpenAI.ChatCompletionMessageParam[] => {
  if (role === 'assistant') return [assistantMessage(content)];
  const results = content
    .filter((part): part is Part<'tool_result'> => part.kind === 'tool_result')
    .map(toolMessage);
  const text = textOf(content);
  return text === '' ? results : [...results, { role: 'user', content: text }];
};

const instructions = (answer: Answer): string =>
  `Answer with JSON alone, without a Markdown fence: a "${answer.name}" of this JSON Schema:\n${JSON.stringify(answer.jsonSchema)}`;

/** Of the SDK's own: it brings 15 modules along, which only who asks this provider should pay for. */
const load = createRequire(import.meta.url);
const toStrictJsonSchema: typeof import('openai/lib/transform').toStrictJsonSchema = (schema) =>
  load('openai/lib/transform').toStrictJsonSchema(schema);

const strictSchema = (answer: Answer): Readonly<Record<string, unknown>> | null => {
  try {
    return { ...toStrictJsonSchema({ ...answer.jsonSchema }) };
  } catch {
    // It cannot be enforced as it stands; it is suggested instead, and the answer is validated in any case.
    return null;
  }
};

const responseFormat = (answer: Answer, dialect: Dialect): Pick<Params, 'response_format'> => {
  if (dialect.answer === 'instructions') return {};
  if (dialect.answer === 'json_object') return { response_format: { type: 'json_object' } };
  const strict = dialect.answer === 'strict_schema' ? strictSchema(answer) : null;
  const schema = strict ?? answer.jsonSchema;
  return {
    response_format: {
      type: 'json_schema',
      json_schema: { name: answer.name, schema: { ...schema }, strict: strict !== null },
    },
  };
};

const systemOf = (
  { system, answer }: ChatRequest,
  dialect: Dialect,
  alwaysInWords: boolean,
): readonly OpenAI.ChatCompletionMessageParam[] => {
  const inWords =
    answer !== null &&
    (alwaysInWords || dialect.answer === 'json_object' || dialect.answer === 'instructions');
  const content = [system, inWords ? instructions(answer) : '']
    .filter((text) => text.trim() !== '')
    .join('\n\n');
  return content === '' ? [] : [{ role: 'system', content }];
};

const toolOf = (tool: ChatRequest['tools'][number]): OpenAI.ChatCompletionFunctionTool => ({
  type: 'function',
  function: { name: tool.name, description: tool.description, parameters: { ...tool.parameters } },
});

/**
 * The request as a chat completion.
 * @param alwaysInWords for endpoints that take a schema and do not keep to it
 */
export const completionRequest = (
  request: ChatRequest,
  price: ModelPrice,
  dialect: Dialect,
  alwaysInWords: boolean,
): Params => ({
  model: parseModelName(request.model).model,
  messages: [...systemOf(request, dialect, alwaysInWords), ...request.messages.flatMap(messagesOf)],
  stream: true,
  [dialect.limit]: Math.min(request.maxOutputTokens, price.maxOutput),
  ...(dialect.streamUsage ? { stream_options: { include_usage: true } } : {}),
  ...(request.temperature === null || !dialect.temperature ? {} : { temperature: request.temperature }),
  ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolOf) }),
  ...(request.answer === null ? {} : responseFormat(request.answer, dialect)),
  ...(dialect.reasoningEffort === null ? {} : { reasoning_effort: dialect.reasoningEffort }),
});
