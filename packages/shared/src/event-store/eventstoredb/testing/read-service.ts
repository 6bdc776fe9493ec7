import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import protocolStreams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { unavailable } from './append-service.ts';
import { type MemoryLog, matcher, type StoredEvent } from './memory-log.ts';
import type { Faults } from './server-faults.ts';

type Response = InstanceType<typeof protocolStreams.ReadResp>;
export type ReadCall = ServerWritableStream<ReadReq, Response>;

/** `Streams.Read`: of one stream or of $all, both ways, filtered or not; and subscriptions to $all. */
export const serveRead = (call: ReadCall, { log, faults }: { log: MemoryLog; faults: Faults }): void => {
  call.on('error', () => undefined);
  const options = call.request.getOptions();
  if (!options || faults.refusedReads > 0) {
    faults.refusedReads -= 1;
    call.emit('error', unavailable);
    return;
  }
  const write = writer(call, faults);
  if (options.hasSubscription()) void follow(call, log, options, write);
  else if (options.hasStream()) void answer(call, streamResponses(log, options), write);
  else void answer(call, allResponses(log, options), write);
};

/** False once the call is over. */
type Write = (response: Response) => Promise<boolean>;

const writer = (call: ReadCall, faults: Faults): Write => {
  let left = faults.cutsAfter.shift() ?? Number.POSITIVE_INFINITY;
  const cancelled = new Promise<void>((resolve) => {
    call.once('cancelled', resolve);
  });
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      call.once('drain', resolve);
    });
  return async (response) => {
    if (call.cancelled || call.destroyed) return false;
    if (left <= 0) {
      call.emit('error', unavailable);
      return false;
    }
    left -= 1;
    if (!call.write(response)) await Promise.race([drained(), cancelled]);
    return !call.cancelled;
  };
};

const answer = async (call: ReadCall, responses: Iterable<Response>, write: Write): Promise<void> => {
  for (const response of responses) if (!(await write(response))) return;
  call.end();
};

function* streamResponses(log: MemoryLog, options: ReadReq.Options): Generator<Response> {
  const from = options.getStream();
  const identifier = from?.getStreamIdentifier();
  const events = log.stream(Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8'));
  if (events.length === 0) {
    const notFound = new protocolStreams.ReadResp.StreamNotFound();
    notFound.setStreamIdentifier(identifier);
    const response = new protocolStreams.ReadResp();
    response.setStreamNotFound(notFound);
    yield response;
    return;
  }
  const backwards = options.getReadDirection() === 1;
  const revision = from?.hasRevision() ? Number(from.getRevision()) : null;
  const count = Number(options.getCount());
  const start = backwards ? Math.min(revision ?? events.length, events.length - 1) : (revision ?? 0);
  yield* walk(events, start, backwards).take(count).map(eventResponse);
}

function* walk(records: readonly StoredEvent[], start: number, backwards: boolean): Generator<StoredEvent> {
  const step = backwards ? -1 : 1;
  for (let index = start; ; index += step) {
    const record = records[index];
    if (!record) return;
    yield record;
  }
}

/** From a position forwards with the record there, backwards without it. */
const allResponses = (log: MemoryLog, options: ReadReq.Options): Iterable<Response> => {
  const from = options.getAll();
  const position = from?.hasPosition() ? BigInt(from.getPosition()?.getCommitPosition() ?? 0) : null;
  const matches = matcher(options.getFilter());
  const backwards = options.getReadDirection() === 1;
  return walk(log.records, startIn(log, position, backwards), backwards)
    .filter(matches)
    .take(Number(options.getCount()))
    .map(eventResponse);
};

const startIn = (log: MemoryLog, position: bigint | null, backwards: boolean): number => {
  if (position === null) return backwards ? log.records.length - 1 : 0;
  const index = log.indexAfter(position - 1n);
  return backwards ? index - 1 : index;
};

/**
 * A subscription: confirmation, what is there, a checkpoint and "caught up" at its end, then what comes. Checkpoints every
 * `multiplier × window` records looked at. Positions are exclusive (Enumerator.AllSubscriptionFiltered.cs of the server).
 */
const follow = async (
  call: ReadCall,
  log: MemoryLog,
  options: ReadReq.Options,
  write: Write,
): Promise<void> => {
  const passing = passer(options, write);
  let next = options.getAll()?.hasEnd() ? log.records.length : log.indexAfter(passing.after());
  const bell = wakeUp(call, log);
  let open = await write(confirmationResponse());
  for (let live = false; open && !bell.over(); ) {
    const record = log.records[next];
    if (record) {
      next += 1;
      open = await passing.pass(record);
    } else if (live) {
      await bell.rung(() => log.records.length > next);
    } else {
      live = true;
      open = (await passing.checkpoint()) && (await write(caughtUpResponse()));
    }
  }
};

/** Looks at record after record; false when the call is over. */
const passer = (options: ReadReq.Options, write: Write) => {
  const filter = options.getFilter();
  const matches = matcher(filter);
  const interval = (filter?.getCheckpointintervalmultiplier() || 1) * (filter?.getMax() || 32);
  const from = options.getAll()?.getPosition();
  let after = from ? BigInt(from.getCommitPosition()) : -1n;
  let checkpointed = after;
  let considered = 0;

  const checkpoint = async (): Promise<boolean> => {
    if (after <= checkpointed) return true;
    checkpointed = after;
    considered = 0;
    return await write(checkpointResponse(after));
  };
  return {
    after: () => after,
    checkpoint,
    pass: async (record: StoredEvent): Promise<boolean> => {
      after = record.position;
      considered += 1;
      if (matches(record) && !(await write(eventResponse(record)))) return false;
      return considered < interval || (await checkpoint());
    },
  };
};

const wakeUp = (call: ReadCall, log: MemoryLog) => {
  let wake = (): void => undefined;
  let over = false;
  const end = (): void => {
    over = true;
    forget();
    wake();
  };
  const forget = log.listen(() => wake());
  call.once('cancelled', end);
  call.once('error', end);
  call.once('close', end);
  return {
    over: () => over || call.cancelled,
    rung: (ready: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
        if (over || call.cancelled || ready()) resolve();
      }),
  };
};

const eventResponse = (stored: StoredEvent): Response => {
  const id = new protocolShared.UUID();
  id.setString(stored.id);
  const identifier = new protocolShared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stored.stream, 'utf8'));
  const event = new protocolStreams.ReadResp.ReadEvent.RecordedEvent();
  event.setId(id);
  event.setStreamIdentifier(identifier);
  event.setStreamRevision(`${stored.revision}`);
  event.setCommitPosition(`${stored.position}`);
  event.setPreparePosition(`${stored.position}`);
  event.getMetadataMap().set('type', stored.type);
  event.getMetadataMap().set('content-type', stored.contentType);
  event.getMetadataMap().set('created', stored.created);
  event.setData(stored.data);
  event.setCustomMetadata(stored.metadata);
  const read = new protocolStreams.ReadResp.ReadEvent();
  read.setEvent(event);
  read.setCommitPosition(`${stored.position}`);
  const response = new protocolStreams.ReadResp();
  response.setEvent(read);
  return response;
};

const confirmationResponse = (): Response => {
  const confirmation = new protocolStreams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(crypto.randomUUID());
  const response = new protocolStreams.ReadResp();
  response.setConfirmation(confirmation);
  return response;
};

const checkpointResponse = (position: bigint): Response => {
  const checkpoint = new protocolStreams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(`${position}`);
  checkpoint.setPreparePosition(`${position}`);
  const response = new protocolStreams.ReadResp();
  response.setCheckpoint(checkpoint);
  return response;
};

const caughtUpResponse = (): Response => {
  const response = new protocolStreams.ReadResp();
  response.setCaughtUp(new protocolStreams.ReadResp.CaughtUp());
  return response;
};
