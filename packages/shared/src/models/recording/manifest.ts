import { z } from 'zod';
import type { BlobStore } from '../../blobs/port.ts';
import { canonicalJson, sha256 } from '../../canonical/index.ts';
import type { ChatMessage, ChatRequest, ContentPart } from '../port.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const contentPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({ kind: z.literal('tool_call'), id: z.string(), tool: z.string(), arguments: z.unknown() }),
  z.strictObject({
    kind: z.literal('tool_result'),
    id: z.string(),
    content: z.string(),
    failed: z.boolean(),
  }),
]);
export const contentParts = z.array(contentPart) as z.ZodType<readonly ContentPart[]>;

/** A message and the one before it: a conversation is a chain, and each call of it adds only its new links. */
const link = z.strictObject({
  previous: hash.nullable(),
  message: z.strictObject({ role: z.enum(['user', 'assistant']), content: contentParts }),
});

const toolSpecification = z.strictObject({
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});

/** What stands for a request in the log: its large parts by their hashes. */
const manifest = z.strictObject({
  model: z.string(),
  system: hash,
  /** The last link of the conversation. */
  conversation: hash.nullable(),
  tools: hash.nullable(),
  answer: z.strictObject({ name: z.string(), jsonSchema: hash }).nullable(),
  maxOutputTokens: z.int(),
  temperature: z.number().nullable(),
});

export type Redact = (text: string) => string;

/** Every text in a value, redacted; before it is serialised, so that what a secret looks like in JSON does not matter. */
export const redactTexts = (value: unknown, redact: Redact): unknown => {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((element) => redactTexts(element, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, redactTexts(field, redact)]));
};

export interface Blob {
  readonly hash: string;
  readonly content: string;
}

const blobOf = (value: unknown): Blob => {
  const content = canonicalJson(value);
  return { hash: sha256(content), content };
};

const mostSystems = 200;

/** Turns requests into blobs. Remembers each part it has seen, so that a long conversation is hashed once. */
export const requestBlobs = (redact: Redact) => {
  const links = new WeakMap<ChatMessage, { readonly previous: string | null; readonly blob: Blob }>();
  const parts = new WeakMap<object, Blob>();
  /** Agents of one kind share theirs, to the letter. */
  const systems = new Map<string, Blob>();

  const linkOf = (message: ChatMessage, previous: string | null): Blob => {
    const known = links.get(message);
    if (known !== undefined && known.previous === previous) return known.blob;
    const blob = blobOf({ previous, message: redactTexts(message, redact) });
    links.set(message, { previous, blob });
    return blob;
  };
  const systemOf = (text: string): Blob => {
    // For two organisations the same text may be kept in two ways.
    const kept = redact(text);
    const known = systems.get(kept);
    if (known !== undefined) return known;
    const blob = blobOf(kept);
    if (systems.size >= mostSystems) systems.clear();
    systems.set(kept, blob);
    return blob;
  };
  const partOf = (value: object): Blob => {
    const known = parts.get(value);
    if (known !== undefined) return known;
    const blob = blobOf(redactTexts(value, redact));
    parts.set(value, blob);
    return blob;
  };

  return (request: ChatRequest): { readonly manifest: Blob; readonly parts: readonly Blob[] } => {
    const needed: Blob[] = [];
    const need = (blob: Blob): string => {
      needed.push(blob);
      return blob.hash;
    };
    let conversation: string | null = null;
    for (const message of request.messages) conversation = need(linkOf(message, conversation));
    const described: z.infer<typeof manifest> = {
      model: request.model,
      system: need(systemOf(request.system)),
      conversation,
      tools: request.tools.length === 0 ? null : need(partOf(request.tools)),
      answer:
        request.answer === null
          ? null
          : { name: request.answer.name, jsonSchema: need(partOf(request.answer.jsonSchema)) },
      maxOutputTokens: request.maxOutputTokens,
      temperature: request.temperature,
    };
    return { manifest: blobOf(described), parts: needed };
  };
};

export const readJson = async (blobs: BlobStore, name: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await blobs.get(name)));

const readConversation = async (blobs: BlobStore, last: string | null): Promise<readonly ChatMessage[]> => {
  const messages: ChatMessage[] = [];
  for (let next = last; next !== null; ) {
    const { previous, message } = link.parse(await readJson(blobs, next));
    messages.push(message);
    next = previous;
  }
  return messages.reverse();
};

/** The request as it was recorded. Its answer's zod schema is made from the JSON Schema that was sent. */
export const readRequest = async (blobs: BlobStore, name: string): Promise<ChatRequest> => {
  const recorded = manifest.parse(await readJson(blobs, name));
  const jsonSchema =
    recorded.answer === null
      ? null
      : z.record(z.string(), z.unknown()).parse(await readJson(blobs, recorded.answer.jsonSchema));
  return {
    model: recorded.model,
    system: z.string().parse(await readJson(blobs, recorded.system)),
    messages: await readConversation(blobs, recorded.conversation),
    tools:
      recorded.tools === null ? [] : z.array(toolSpecification).parse(await readJson(blobs, recorded.tools)),
    answer:
      recorded.answer === null || jsonSchema === null
        ? null
        : { name: recorded.answer.name, schema: z.fromJSONSchema(jsonSchema), jsonSchema },
    maxOutputTokens: recorded.maxOutputTokens,
    temperature: recorded.temperature,
  };
};

/** What the blob says, where it is there and says that; null otherwise. */
const readAs = async <Content>(
  blobs: Pick<BlobStore, 'get' | 'has'>,
  name: string,
  schema: z.ZodType<Content>,
): Promise<Content | null> => {
  if (!(await blobs.has(name))) return null;
  const read = schema.safeParse(JSON.parse(new TextDecoder().decode(await blobs.get(name))));
  return read.data ?? null;
};

/**
 * Adds to the names those of the blobs that a request is made of: events name the request alone. A conversation is followed until
 * a link of it is in the names already; what is not there is named, and leads no further.
 */
export const nameRequestParts = async (
  blobs: Pick<BlobStore, 'get' | 'has'>,
  request: string,
  names: Set<string>,
): Promise<void> => {
  const described = await readAs(blobs, request, manifest);
  if (described === null) return;
  const { system, tools, answer, conversation } = described;
  for (const name of [system, tools, answer?.jsonSchema]) if (name) names.add(name);
  for (let next = conversation; next !== null && !names.has(next); ) {
    names.add(next);
    next = (await readAs(blobs, next, link))?.previous ?? null;
  }
};
