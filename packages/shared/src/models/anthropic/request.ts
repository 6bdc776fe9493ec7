import { createRequire } from 'node:module';
import type Anthropic from '@anthropic-ai/sdk';
import { parseModelName } from '../model-name.ts';
import type { ChatMessage, ChatRequest, ContentPart } from '../port.ts';
import type { ModelPrice } from '../prices/index.ts';

/** Tool calls of other models may have ids that this API refuses. */
const toolUseId = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_');

const blockOf = (part: ContentPart): Anthropic.ContentBlockParam => {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'tool_call':
      return { type: 'tool_use', id: toolUseId(part.id), name: part.tool, input: part.arguments ?? {} };
    case 'tool_result':
      return {
        type: 'tool_result',
        tool_use_id: toolUseId(part.id),
        content: part.content,
        is_error: part.failed,
      };
  }
};

/** An empty text is refused, and the results of tools have to come before anything else that is said. */
const messageOf = ({ role, content }: ChatMessage): Anthropic.MessageParam => {
  const said = content.filter((part) => part.kind !== 'text' || part.text.trim() !== '');
  const results = said.filter((part) => part.kind === 'tool_result');
  const others = said.filter((part) => part.kind !== 'tool_result');
  return { role, content: [...results, ...others].map(blockOf) };
};

const hasContent = ({ content }: Anthropic.MessageParam): boolean => content.length > 0;

/** Of the SDK's own: it brings 15 modules along, which only who asks this provider should pay for. */
const load = createRequire(import.meta.url);
const transformJSONSchema: typeof import('@anthropic-ai/sdk/lib/transform-json-schema').transformJSONSchema =
  (schema) => load('@anthropic-ai/sdk/lib/transform-json-schema').transformJSONSchema(schema);

/** The name goes along as the title, so that whoever serves the request can tell what is asked for. */
const outputConfig = (answer: NonNullable<ChatRequest['answer']>): Anthropic.OutputConfig => ({
  format: {
    type: 'json_schema',
    schema: { ...transformJSONSchema({ ...answer.jsonSchema }), title: answer.name },
  },
});

const cached = { type: 'ephemeral' } as const;

/**
 * The request as the Messages API wants it. An agent's conversation is sent again with every turn, so it is marked for the
 * cache; a single question is not, because writing to the cache costs a quarter more than not doing so.
 */
export const messageRequest = (
  request: ChatRequest,
  price: ModelPrice,
): Anthropic.MessageCreateParamsStreaming => {
  const conversation = request.tools.length > 0;
  const system: Anthropic.TextBlockParam = { type: 'text', text: request.system };
  return {
    model: parseModelName(request.model).model,
    max_tokens: Math.min(request.maxOutputTokens, price.maxOutput),
    messages: request.messages.map(messageOf).filter(hasContent),
    stream: true,
    ...(request.system.trim() === ''
      ? {}
      : { system: [conversation ? { ...system, cache_control: cached } : system] }),
    ...(request.temperature === null || !price.temperature ? {} : { temperature: request.temperature }),
    ...(request.answer === null ? {} : { output_config: outputConfig(request.answer) }),
    ...(conversation ? { tools: request.tools.map(toolOf), cache_control: cached } : {}),
  };
};

const toolOf = (tool: ChatRequest['tools'][number]): Anthropic.Tool => ({
  name: tool.name,
  description: tool.description,
  input_schema: { ...tool.parameters, type: 'object' },
});
