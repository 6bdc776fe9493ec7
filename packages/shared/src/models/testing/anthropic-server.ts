import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ChatMessage, ChatRequest, ContentPart, StopReason } from '../port.ts';
import { countsFor, type ServedAnswer, type ServedError, type ServedRequest } from './served.ts';
import {
  answerFrom,
  keyIn,
  piecesOf,
  startWireServer,
  type WireProtocol,
  WireRefusal,
  type WireServer,
  type WireServerOptions,
  writeJson,
  writeStream,
} from './wire-server.ts';

const textBlock = z.object({ type: z.literal('text'), text: z.string() });
const block = z.discriminatedUnion('type', [
  textBlock,
  z.object({
    type: z.literal('tool_use'),
    id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
    name: z.string(),
    input: z.unknown(),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: z.union([z.string(), z.array(textBlock)]),
    is_error: z.boolean().default(false),
  }),
]);
type Block = z.infer<typeof block>;

const wireRequest = z.object({
  model: z.string(),
  max_tokens: z.int().positive(),
  system: z.union([z.string(), z.array(textBlock)]).default(''),
  messages: z
    .array(z.object({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }))
    .min(1),
  tools: z
    .array(
      z.object({
        name: z.string(),
        description: z.string().default(''),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    )
    .default([]),
  tool_choice: z.object({ type: z.string() }).optional(),
  output_config: z
    .object({
      format: z
        .object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) })
        .optional(),
    })
    .optional(),
  temperature: z.number().min(0).max(1).optional(),
  stream: z.boolean().default(false),
});
type WireRequest = z.infer<typeof wireRequest>;

const textOf = (content: string | readonly { readonly text: string }[]): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('');

const partOf = (given: Block): ContentPart => {
  switch (given.type) {
    case 'text':
      return { kind: 'text', text: given.text };
    case 'tool_use':
      return { kind: 'tool_call', id: given.id, tool: given.name, arguments: given.input };
    case 'tool_result':
      return {
        kind: 'tool_result',
        id: given.tool_use_id,
        content: textOf(given.content),
        failed: given.is_error,
      };
  }
};

const messageOf = ({ role, content }: WireRequest['messages'][number]): ChatMessage => ({
  role,
  content: typeof content === 'string' ? [{ kind: 'text', text: content }] : content.map(partOf),
});

/** The refusals that a client has to know: the real API makes them too. */
const refuse = (messages: readonly ChatMessage[]): void => {
  if (messages[0]?.role !== 'user') throw new WireRefusal('messages: first message must use the "user" role');
  for (const [index, { content }] of messages.entries()) {
    if (content.length === 0)
      throw new WireRefusal(`messages.${index}: all messages must have non-empty content`);
    if (content.some((part) => part.kind === 'text' && part.text.trim() === '')) {
      throw new WireRefusal('messages: text content blocks must be non-empty');
    }
    const called = content.flatMap((part) => (part.kind === 'tool_call' ? [part.id] : []));
    const answered = new Set(
      messages[index + 1]?.content.flatMap((part) => (part.kind === 'tool_result' ? [part.id] : [])),
    );
    const missing = called.filter((id) => !answered.has(id));
    if (missing.length > 0)
      throw new WireRefusal(
        `messages.${index}: tool_use ids were found without tool_result blocks: ${missing}`,
      );
  }
};

const read = (body: Readonly<Record<string, unknown>>): ChatRequest => {
  const parsed = wireRequest.safeParse(body);
  if (!parsed.success) throw new WireRefusal(z.prettifyError(parsed.error));
  const { data } = parsed;
  const messages = data.messages.map(messageOf);
  refuse(messages);
  const schema = data.output_config?.format?.schema;
  return {
    model: `anthropic/${data.model}`,
    system: textOf(data.system),
    messages,
    tools: data.tools.map(({ name, description, input_schema }) => ({
      name,
      description,
      parameters: input_schema,
    })),
    answer: schema === undefined ? null : answerFrom(String(schema.title ?? 'answer'), schema),
    maxOutputTokens: data.max_tokens,
    temperature: data.temperature ?? null,
  };
};

const stopReasons: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  tool_use: 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
};

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const event = (type: string, data: Readonly<Record<string, unknown>>): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

const blockEvents = (part: ContentPart, index: number): readonly string[] => {
  const stop = event('content_block_stop', { index });
  if (part.kind === 'text') {
    const start = event('content_block_start', {
      index,
      content_block: { type: 'text', text: '', citations: null },
    });
    const deltas = piecesOf(part.text).map((text) =>
      event('content_block_delta', { index, delta: { type: 'text_delta', text } }),
    );
    return [start, ...deltas, stop];
  }
  if (part.kind === 'tool_result') throw new RangeError('A model does not answer with the result of a tool.');
  const content_block = {
    type: 'tool_use',
    id: part.id,
    name: part.tool,
    input: {},
    caller: { type: 'direct' },
  };
  const json = typeof part.arguments === 'string' ? part.arguments : JSON.stringify(part.arguments);
  const deltas = piecesOf(json).map((partial_json) =>
    event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } }),
  );
  return [event('content_block_start', { index, content_block }), ...deltas, stop];
};

const usageOf = (served: ServedRequest, answer: ServedAnswer) => {
  const counts = countsFor(served, answer);
  return {
    input_tokens: counts.inputTokens,
    output_tokens: counts.outputTokens,
    cache_read_input_tokens: counts.cacheReadTokens,
    cache_creation_input_tokens: counts.cacheWriteTokens,
  };
};

const writeAnswer = (response: ServerResponse, served: ServedRequest, answer: ServedAnswer): void => {
  const usage = usageOf(served, answer);
  const message = {
    id: `msg_${served.number}`,
    type: 'message',
    role: 'assistant',
    model: served.body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
  const ended = { stop_reason: stopReasons[answer.stopReason], stop_sequence: null, stop_details: null };
  const events = [
    event('message_start', { message: { ...message, usage: { ...usage, output_tokens: 1 } } }),
    event('ping', {}),
    ...answer.content.flatMap(blockEvents),
    event('message_delta', { delta: ended, usage }),
    event('message_stop', {}),
  ];
  writeStream(
    response,
    events,
    answer,
    event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  );
};

const writeError = (response: ServerResponse, { status, message, type, headers }: ServedError): void =>
  writeJson(
    response,
    status,
    {
      type: 'error',
      error: { type: type ?? errorTypes[status] ?? 'api_error', message },
      request_id: 'req_1',
    },
    headers,
  );

const protocol: WireProtocol = {
  basePath: '',
  serves: (path) => path === '/v1/messages',
  keyOf: (incoming) => keyIn(incoming, 'x-api-key'),
  read,
  writeAnswer,
  writeError,
};

/** A server that speaks Anthropic's Messages API, streamed. Its URL is for `ANTHROPIC_BASE_URL`. */
export const startAnthropicServer = (options: WireServerOptions): Promise<WireServer> =>
  startWireServer(protocol, options);
