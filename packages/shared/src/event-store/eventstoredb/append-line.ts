import { randomUUID } from 'node:crypto';
import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import protocolStreams from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, StreamName } from '../../events/index.ts';
import type { BatchAppendCall, Connection } from './connection.ts';
import { positionOf } from './positions.ts';
import type { ProposedRecord } from './records.ts';
import { accessDenied, asStoreError, storeFailed, TransientError } from './store-errors.ts';
import type { StreamNames } from './stream-names.ts';

export interface LineAppend {
  readonly stream: StreamName;
  readonly records: readonly ProposedRecord[];
  /** -1: there is no stream yet. */
  readonly after: number;
}

export type LineOutcome =
  | { readonly kind: 'written'; readonly position: Position }
  | { readonly kind: 'wrong_revision' }
  | { readonly kind: 'too_large'; readonly most: number }
  /** Nobody knows whether it was written. */
  | { readonly kind: 'unanswered'; readonly error: TransientError }
  | { readonly kind: 'refused'; readonly error: Error };

export interface AppendLine {
  /** Written in the order of the calls as long as the line holds. Never throws. */
  send(append: LineAppend): Promise<LineOutcome>;
}

interface Waiting {
  readonly settle: (outcome: LineOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

/** As the client does. The server takes messages of up to 16 MiB (ClusterVNodeStartup.cs), so that one event always fits. */
const bytesInMessage = 3 * 1_048_576;

/**
 * One `BatchAppend` call for all appends. The server takes requests of a call one by one and hands each to its single writer
 * (Streams.BatchAppend.cs: `Receive`), so that appends can be sent one after the other without waiting for answers.
 *
 * Every try has ids of its own. The server acknowledges ids that it remembers as if it had just written them, which would let
 * two creators of one stream win, and it forgets them; who wrote what is decided by revision and by our ids alone.
 *
 * @param answerWithinMs until nobody believes in an answer any more. Requests have no deadline: the server gives up by itself,
 * after its prepare and commit timeouts, a few seconds.
 */
export const appendLine = (connection: Connection, answerWithinMs: number): AppendLine => {
  const waiting = new Map<string, Waiting>();
  let line: Promise<BatchAppendCall> | null = null;

  const settle = (correlation: string, outcome: LineOutcome): void => {
    const found = waiting.get(correlation);
    if (!found) return;
    waiting.delete(correlation);
    clearTimeout(found.timer);
    found.settle(outcome);
  };

  /** Once for each call that is open, whatever it ends with. */
  const broken = (opened: Promise<BatchAppendCall>, error: unknown): void => {
    if (line !== opened) return;
    line = null;
    const reason = asStoreError(connection.where, error);
    const outcome: LineOutcome =
      reason instanceof TransientError
        ? { kind: 'unanswered', error: reason }
        : { kind: 'refused', error: reason };
    for (const correlation of [...waiting.keys()]) settle(correlation, outcome);
  };

  const open = (): Promise<BatchAppendCall> => {
    const opened: Promise<BatchAppendCall> = connection.batchAppend().then((call) => {
      call.on('data', (response) =>
        settle(response.getCorrelationId()?.getString() ?? '', outcomeOf(connection.where, response)),
      );
      call.on('error', (error) => broken(opened, error));
      call.on('end', () => broken(opened, new TransientError('The server ended the call.')));
      return call;
    });
    opened.catch((error) => broken(opened, error));
    line = opened;
    return opened;
  };

  /** A server that takes requests and answers none is as good as gone. */
  const overdue = (opened: Promise<BatchAppendCall>): void => {
    broken(opened, new TransientError('No answer to an append in time.'));
    opened.then((call) => call.cancel()).catch(() => undefined);
  };

  return {
    send: (append) =>
      new Promise((resolve) => {
        const correlation = randomUUID();
        const opened = line ?? open();
        const timer = setTimeout(() => overdue(opened), answerWithinMs);
        timer.unref();
        waiting.set(correlation, { settle: resolve, timer });
        opened.then(
          (call) => {
            for (const request of requestsFor(correlation, append, connection.names)) call.write(request);
          },
          () => undefined,
        );
      }),
  };
};

function* requestsFor(
  correlation: string,
  append: LineAppend,
  names: StreamNames,
): Generator<BatchAppendReq> {
  let request = requestOf(correlation);
  request.setOptions(optionsOf(append, names));
  let bytes = 0;
  for (const record of append.records) {
    const size = record.data.length + record.metadata.length;
    if (bytes > 0 && bytes + size > bytesInMessage) {
      yield request;
      request = requestOf(correlation);
      bytes = 0;
    }
    bytes += size;
    request.addProposedMessages(messageOf(record));
  }
  request.setIsFinal(true);
  yield request;
}

const uuid = (text: string): InstanceType<typeof protocolShared.UUID> => {
  const id = new protocolShared.UUID();
  id.setString(text);
  return id;
};

const requestOf = (correlation: string): BatchAppendReq => {
  const request = new protocolStreams.BatchAppendReq();
  request.setCorrelationId(uuid(correlation));
  return request;
};

const optionsOf = ({ stream, after }: LineAppend, names: StreamNames): BatchAppendReq.Options => {
  const identifier = new protocolShared.StreamIdentifier();
  identifier.setStreamName(names.onServer(stream));
  const options = new protocolStreams.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier);
  if (after < 0) options.setNoStream(new protocolShared.Empty());
  else options.setStreamPosition(`${after}`);
  return options;
};

const messageOf = ({ type, data, metadata }: ProposedRecord): BatchAppendReq.ProposedMessage => {
  const message = new protocolStreams.BatchAppendReq.ProposedMessage();
  message.setId(uuid(randomUUID()));
  message.getMetadataMap().set('type', type);
  message.getMetadataMap().set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
};

const outcomeOf = (where: string, response: BatchAppendResp): LineOutcome => {
  const position = response.getSuccess()?.getPosition();
  if (position) {
    // Both are the last event's place in the log (RequestManagers/WriteEvents.cs).
    const commit = position.getCommitPosition();
    return { kind: 'written', position: positionOf({ commit, prepare: position.getPreparePosition() }) };
  }
  const status = response.getError();
  const details = status?.getDetails();
  const message = status?.getMessage() ?? 'no result';
  switch (details?.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion':
      return { kind: 'wrong_revision' };
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const bytes = protocolShared.MaximumAppendSizeExceeded.deserializeBinary(details.getValue_asU8());
      return { kind: 'too_large', most: bytes.getMaxappendsize() };
    }
    case 'event_store.client.AccessDenied':
      return { kind: 'refused', error: accessDenied(where) };
    case 'event_store.client.Timeout':
    // "Server Is Not Ready", "Server Is Busy" come with nothing as details.
    case 'google.protobuf.Empty':
      return { kind: 'unanswered', error: new TransientError(message) };
    default:
      return { kind: 'refused', error: storeFailed(where, message) };
  }
};
