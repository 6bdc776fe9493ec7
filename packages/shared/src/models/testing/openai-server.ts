import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { featureHashingEmbedder } from '../embedders/index.ts';
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

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: z.string() }),
  z.object({ role: z.literal('user'), content: z.string() }),
  z.object({
    role: z.literal('assistant'),
    content: z.string().nullable().default(null),
    tool_calls: z
      .array(
        z.object({
          id: z.string(),
          type: z.literal('function'),
          function: z.object({ name: z.string(), arguments: z.string() }),
        }),
      )
      .default([]),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
]);
type WireMessage = z.infer<typeof message>;

const wireRequest = z.object({
  model: z.string(),
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string(),
          description: z.string().default(''),
          parameters: z.record(z.string(), z.unknown()).default({}),
        }),
      }),
    )
    .default([]),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('text') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          schema: z.record(z.string(), z.unknown()),
          strict: z.boolean().nullable().default(null),
        }),
      }),
    ])
    .optional(),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  temperature: z.number().optional(),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).nullish(),
});

const failure = 'The tool failed: ';

/** The results of tools are messages of their own here; with us, one message has them all. */
const conversationOf = (messages: readonly WireMessage[]): readonly ChatMessage[] => {
  const conversation: { role: ChatMessage['role']; content: ContentPart[] }[] = [];
  const add = (role: ChatMessage['role'], content: readonly ContentPart[]): void => {
    const last = conversation.at(-1);
    if (last?.role === role) last.content.push(...content);
    else conversation.push({ role, content: [...content] });
  };
  for (const given of messages) {
    if (given.role === 'user') add('user', [{ kind: 'text', text: given.content }]);
    if (given.role === 'tool') add('user', [resultOf(given.tool_call_id, given.content)]);
    if (given.role === 'assistant') add('assistant', spokenBy(given));
  }
  return conversation;
};

const resultOf = (id: string, content: string): ContentPart =>
  content.startsWith(failure)
    ? { kind: 'tool_result', id, content: content.slice(failure.length), failed: true }
    : { kind: 'tool_result', id, content, failed: false };

const spokenBy = ({
  content,
  tool_calls,
}: Extract<WireMessage, { role: 'assistant' }>): readonly ContentPart[] => [
  ...(content === null ? [] : [{ kind: 'text' as const, text: content }]),
  ...tool_calls.map((call) => ({
    kind: 'tool_call' as const,
    id: call.id,
    tool: call.function.name,
    arguments: JSON.parse(call.function.arguments) as unknown,
  })),
];

/** The refusal that a client has to know: each call of a tool is answered before anything else is said. */
const refuse = (messages: readonly WireMessage[]): void => {
  let open = new Set<string>();
  for (const given of messages) {
    if (given.role === 'tool') {
      if (!open.delete(given.tool_call_id))
        throw new WireRefusal(
          'messages with role "tool" must be a response to a preceding message with "tool_calls".',
        );
      continue;
    }
    if (open.size > 0)
      throw new WireRefusal(
        `An assistant message with "tool_calls" must be followed by tool messages: ${[...open]}`,
      );
    open = new Set(given.role === 'assistant' ? given.tool_calls.map(({ id }) => id) : []);
  }
};

const deploymentOf = (path: string): string | null => /\/deployments\/([^/]+)\//.exec(path)?.[1] ?? null;

const read = (body: Readonly<Record<string, unknown>>, path: string): ChatRequest => {
  const parsed = wireRequest.safeParse(body);
  if (!parsed.success) throw new WireRefusal(z.prettifyError(parsed.error));
  const { data } = parsed;
  refuse(data.messages);
  const format = data.response_format;
  const deployment = deploymentOf(path);
  return {
    model: deployment === null ? `openai/${data.model}` : `azure/${decodeURIComponent(deployment)}`,
    system: data.messages.flatMap((given) => (given.role === 'system' ? [given.content] : [])).join('\n\n'),
    messages: conversationOf(data.messages),
    tools: data.tools.map((tool) => tool.function),
    answer:
      format?.type === 'json_schema' ? answerFrom(format.json_schema.name, format.json_schema.schema) : null,
    maxOutputTokens: data.max_completion_tokens ?? data.max_tokens ?? 4_096,
    temperature: data.temperature ?? null,
  };
};

const finishReasons: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  tool_use: 'tool_calls',
  length: 'length',
  refusal: 'stop',
};

const errorTypes: Readonly<Record<number, string>> = {
  401: 'invalid_request_error',
  429: 'requests',
  500: 'server_error',
};

const deltasOf = (
  part: ContentPart,
  index: number,
  stopReason: StopReason,
): readonly Readonly<Record<string, unknown>>[] => {
  if (part.kind === 'text')
    return piecesOf(part.text).map((text) =>
      stopReason === 'refusal' ? { refusal: text } : { content: text },
    );
  if (part.kind === 'tool_result') throw new RangeError('A model does not answer with the result of a tool.');
  const json = typeof part.arguments === 'string' ? part.arguments : JSON.stringify(part.arguments);
  const begin = {
    tool_calls: [{ index, id: part.id, type: 'function', function: { name: part.tool, arguments: '' } }],
  };
  return [
    begin,
    ...piecesOf(json).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ];
};

const wantsUsage = ({ body }: ServedRequest): boolean =>
  wireRequest.parse(body).stream_options?.include_usage ?? false;

const writeAnswer = (response: ServerResponse, served: ServedRequest, answer: ServedAnswer): void => {
  const counts = countsFor(served, answer);
  const common = {
    id: `chatcmpl-${served.number}`,
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: served.body.model,
  };
  const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
  const chunk = (delta: Readonly<Record<string, unknown>>, finish_reason: string | null = null): string =>
    data({ ...common, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  const prompt = counts.inputTokens + counts.cacheReadTokens + counts.cacheWriteTokens;
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: counts.outputTokens,
    total_tokens: prompt + counts.outputTokens,
    prompt_tokens_details: {
      cached_tokens: counts.cacheReadTokens,
      cache_write_tokens: counts.cacheWriteTokens,
    },
  };
  const calls: readonly ContentPart[] = answer.content.filter((part) => part.kind === 'tool_call');
  const events = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...answer.content.flatMap((part) =>
      deltasOf(part, calls.indexOf(part), answer.stopReason).map((delta) => chunk(delta)),
    ),
    chunk({}, finishReasons[answer.stopReason]),
    ...(wantsUsage(served) ? [data({ ...common, choices: [], usage })] : []),
    'data: [DONE]\n\n',
  ];
  writeStream(
    response,
    events,
    answer,
    data({ error: { message: 'Overloaded', type: 'overloaded_error', code: null, param: null } }),
  );
};

const writeError = (
  response: ServerResponse,
  { status, message: said, type, code, headers }: ServedError,
): void =>
  writeJson(
    response,
    status,
    {
      error: {
        message: said,
        type: type ?? errorTypes[status] ?? 'invalid_request_error',
        param: null,
        code: code ?? null,
      },
    },
    headers,
  );

const embeddingRequest = z.object({
  input: z.array(z.string().min(1)),
  dimensions: z.int().positive().default(1_536),
});

const writeEmbeddings = (
  response: ServerResponse,
  path: string,
  body: Readonly<Record<string, unknown>>,
): boolean => {
  if (!path.endsWith('/embeddings')) return false;
  const { input, dimensions } = embeddingRequest.parse(body);
  void featureHashingEmbedder({ dimensions })
    .embed(input, new AbortController().signal)
    .then((vectors) => {
      const list = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
      // Backwards: the place of each is in its index, not in the order.
      writeJson(response, 200, {
        object: 'list',
        data: list.reverse(),
        model: body.model,
        usage: { prompt_tokens: 1, total_tokens: 1 },
      });
    });
  return true;
};

const protocol: WireProtocol = {
  basePath: '/v1',
  serves: (path) =>
    path === '/v1/chat/completions' || /^\/openai\/deployments\/[^/]+\/chat\/completions$/.test(path),
  keyOf: (incoming) => keyIn(incoming, 'api-key'),
  read,
  writeAnswer,
  writeError,
  other: writeEmbeddings,
};

/** A server that speaks OpenAI's chat completions, streamed, and embeddings. Its URL is for `OPENAI_BASE_URL`; Azure's way too. */
export const startOpenAiServer = (options: WireServerOptions): Promise<WireServer> =>
  startWireServer(protocol, options);
