import { z } from 'zod';
import type { BlobStore } from '../../blobs/port.ts';
import type { Amount, BlobReference, ModelEvent } from '../../events/index.ts';
import { usage } from '../../events/values.ts';
import type { Clock } from '../../runtime/ports.ts';
import { ModelError } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, ContentPart } from '../port.ts';
import {
  type Blob,
  contentParts,
  type Redact,
  readJson,
  readRequest,
  redactTexts,
  requestBlobs,
} from './manifest.ts';

type EventNamed<Type extends ModelEvent['type']> = Extract<ModelEvent, { type: Type }>;
export type ModelRequested = EventNamed<'model.requested'>;
export type ModelAnswered = EventNamed<'model.answered'>;
export type ModelFailed = EventNamed<'model.failed'>;

export type CallOutcome =
  | { readonly outcome: 'answered'; readonly event: ModelAnswered; readonly answer: ChatAnswer }
  | { readonly outcome: 'failed'; readonly event: ModelFailed; readonly error: ModelError };

/**
 * Law 3 for models: `prepare` writes down what will be asked, `perform` asks and writes down what came back, `recall` reads
 * it again. The caller appends the events: the first one durably before `perform`, the second one as soon as it has it.
 */
export interface RecordedCalls {
  /**
   * The request's blobs are durable when the promise resolves.
   * @param call.callId derived from the stream and the call's number
   * @param call.allowance what the caller may still spend; null or absent is no limit
   * @throws {ModelError} `MODEL_PRICE_UNKNOWN`
   */
  prepare(
    model: ChatModel,
    request: ChatRequest,
    call: { readonly callId: string; readonly purpose: string; readonly allowance?: Amount | null },
  ): Promise<ModelRequested>;
  /**
   * Asks, and records. What it answers is what was recorded, redacted: the caller works with what the log says, now as after
   * a crash. A failure is an outcome; anything it throws is a defect or a blob store that cannot write.
   */
  perform(model: ChatModel, request: ChatRequest, callId: string, options: ChatOptions): Promise<CallOutcome>;
  /** The answer that was paid for already. @throws {BlobError} */
  recall(answered: Pick<ModelAnswered, 'data'>): Promise<ChatAnswer>;
  /** The request as it was asked. @throws {BlobError} */
  recallRequest(requested: Pick<ModelRequested, 'data'>): Promise<ChatRequest>;
  /** The hash that `prepare` would give the request: two requests that ask the same have the same. */
  requestHash(request: ChatRequest): string;
}

const recordedAnswer = z.strictObject({
  model: z.string(),
  content: contentParts,
  structured: z.unknown(),
  stopReason: z.enum(['end', 'tool_use', 'length', 'refusal']),
  usage,
});

const previewLength = 200;

const previewOfPart = (part: ContentPart): string => {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'tool_call':
      return `${part.tool}(${JSON.stringify(part.arguments)})`;
    case 'tool_result':
      return part.content;
  }
};

/** The first characters, none of them cut in half. */
const previewOf = (parts: readonly ContentPart[]): string =>
  parts.map(previewOfPart).join(' ').slice(0, previewLength).toWellFormed();

const referenceTo = (blob: Blob, preview: string): BlobReference => ({
  hash: blob.hash,
  size: Buffer.byteLength(blob.content),
  preview,
  contentType: 'application/json',
});

/** Hashes of blobs that are durable, the newest ones: a blob that was written once need not be written again. */
const rememberWritten = (limit: number) => {
  const hashes = new Set<string>();
  return {
    has: (hash: string): boolean => hashes.has(hash),
    add: (hash: string): void => {
      hashes.add(hash);
      if (hashes.size <= limit) return;
      for (const oldest of hashes) {
        hashes.delete(oldest);
        return;
      }
    },
  };
};

export const recordedCalls = (dependencies: {
  readonly blobs: BlobStore;
  readonly clock: Clock;
  /** Takes secrets out of a text. */
  readonly redact: Redact;
}): RecordedCalls => {
  const { blobs, clock, redact } = dependencies;
  const blobsOf = requestBlobs(redact);
  const written = rememberWritten(20_000);

  const write = async (blob: Blob): Promise<void> => {
    if (written.has(blob.hash)) return;
    await blobs.put(blob.content);
    written.add(blob.hash);
  };

  const recordAnswer = async (
    answer: ChatAnswer,
  ): Promise<{ reference: BlobReference; recorded: ChatAnswer }> => {
    const recorded: ChatAnswer = {
      ...answer,
      content: contentParts.parse(redactTexts(answer.content, redact)),
      structured: redactTexts(answer.structured ?? null, redact),
    };
    const content = JSON.stringify(recorded);
    const hash = await blobs.put(content);
    return { reference: referenceTo({ hash, content }, previewOf(recorded.content)), recorded };
  };

  const ask = async (
    model: ChatModel,
    request: ChatRequest,
    options: ChatOptions,
  ): Promise<ChatAnswer | ModelError> => {
    try {
      return await model.chat(request, options);
    } catch (error) {
      if (error instanceof ModelError) return error;
      throw error;
    }
  };

  return {
    prepare: async (model, request, { callId, purpose, allowance }) => {
      const { worstCase } = model.measure(request);
      const { manifest, parts } = blobsOf(request);
      // At once: without the event that is to come, a manifest whose parts were lost in a crash is nobody's.
      await Promise.all([...parts, manifest].map(write));
      const last = request.messages.at(-1);
      return {
        type: 'model.requested',
        data: {
          callId,
          purpose,
          model: request.model,
          request: referenceTo(
            manifest,
            redact(last === undefined ? request.system : previewOf(last.content)).slice(0, previewLength),
          ),
          reserved: allowance ?? worstCase,
        },
      };
    },
    perform: async (model, request, callId, options) => {
      const startedAt = clock.now();
      const answer = await ask(model, request, options);
      if (answer instanceof ModelError) {
        return { outcome: 'failed', event: failedEvent(callId, answer, redact), error: answer };
      }
      const { reference, recorded } = await recordAnswer(answer);
      return {
        outcome: 'answered',
        answer: recorded,
        event: {
          type: 'model.answered',
          data: {
            callId,
            model: answer.model,
            answer: reference,
            stopReason: answer.stopReason,
            usage: answer.usage,
            durationMs: Math.max(0, Math.round(clock.now() - startedAt)),
          },
        },
      };
    },
    recall: async ({ data }) => recordedAnswer.parse(await readJson(blobs, data.answer.hash)),
    recallRequest: ({ data }) => readRequest(blobs, data.request.hash),
    requestHash: (request) => blobsOf(request).manifest.hash,
  };
};

const failedEvent = (callId: string, error: ModelError, redact: Redact): ModelFailed => ({
  type: 'model.failed',
  data: {
    callId,
    model: error.model,
    problem: { code: error.code, message: redact(error.message) },
    usage: error.usage,
    retryAfterMs: error.retryAfterMs === null ? null : Math.ceil(error.retryAfterMs),
  },
});
