import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import protocolStatus from '@eventstore/db-client/generated/status_pb.js';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import protocolStreams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import protocolAny from 'google-protobuf/google/protobuf/any_pb.js';
import protocolEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { AppendQueue } from './append-queue.ts';
import type { Appended, Expected, ProposedEvent } from './memory-log.ts';
import type { Faults } from './server-faults.ts';

type Response = InstanceType<typeof protocolStreams.BatchAppendResp>;
export type BatchAppendCall = ServerDuplexStream<BatchAppendReq, Response>;

interface Pending {
  readonly stream: string;
  readonly expected: Expected;
  readonly deadline: number;
  readonly events: ProposedEvent[];
}

/**
 * `Streams.BatchAppend`: many appends over one call, each named by its correlation id, written in the order in which they were
 * completed. As in the server's Streams.BatchAppend.cs (https://github.com/EventStore/EventStore).
 */
export const serveBatchAppend = (
  call: BatchAppendCall,
  { appends, faults, maxAppendSize }: { appends: AppendQueue; faults: Faults; maxAppendSize: number },
): void => {
  const pending = new Map<string, Pending & { bytes: number }>();

  const take = (request: BatchAppendReq): void => {
    const correlation = request.getCorrelationId()?.getString() ?? '';
    const options = request.getOptions();
    if (options) pending.set(correlation, { ...pendingOf(options), bytes: 0 });
    const append = pending.get(correlation);
    if (!append) return;
    for (const message of request.getProposedMessagesList()) {
      const event = proposedEvent(message);
      append.events.push(event);
      append.bytes += sizeOf(event);
    }
    if (append.bytes > maxAppendSize) {
      pending.delete(correlation);
      call.write(failed(correlation, 'Maximum append size exceeded', tooLarge(maxAppendSize)));
      return;
    }
    if (!request.getIsFinal()) return;
    pending.delete(correlation);
    complete(correlation, append);
  };

  const complete = (correlation: string, append: Pending): void => {
    const fault = faults.takeAppend();
    if (fault === 'refuse') {
      call.emit('error', unavailable);
      return;
    }
    if (fault === 'stall') return;
    if (append.deadline <= Date.now()) {
      call.write(failed(correlation, 'Timeout', { name: 'Timeout', message: new protocolShared.Timeout() }));
      return;
    }
    appends(append, (appended) => {
      if (fault === 'die') process.kill(process.pid, 'SIGKILL');
      else if (fault === 'lose_answer') call.emit('error', unavailable);
      else if (!call.destroyed) call.write(answer(correlation, append, appended));
    });
  };

  call.on('data', take);
  call.on('end', () => call.end());
  call.on('error', () => undefined);
};

export const unavailable = Object.assign(new Error('Server Is Not Ready'), {
  code: 14,
  details: 'Server Is Not Ready',
});

const pendingOf = (options: BatchAppendReq.Options): Pending => {
  const name = options.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array();
  return {
    stream: Buffer.from(name).toString('utf8'),
    expected: expectedOf(options),
    deadline: options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY,
    events: [],
  };
};

const expectedOf = (options: BatchAppendReq.Options): Expected => {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  if (options.hasAny()) return 'any';
  return BigInt(options.getStreamPosition());
};

const proposedEvent = (message: BatchAppendReq.ProposedMessage): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

const sizeOf = ({ data, metadata, type }: ProposedEvent): number =>
  data.length + metadata.length + type.length * 2;

interface Detail {
  readonly name: string;
  readonly message: Message;
}

const tooLarge = (maxAppendSize: number): Detail => {
  const message = new protocolShared.MaximumAppendSizeExceeded();
  message.setMaxappendsize(maxAppendSize);
  return { name: 'MaximumAppendSizeExceeded', message };
};

const responseTo = (correlation: string): Response => {
  const response = new protocolStreams.BatchAppendResp();
  const id = new protocolShared.UUID();
  id.setString(correlation);
  response.setCorrelationId(id);
  return response;
};

const failed = (correlation: string, text: string, { name, message }: Detail): Response => {
  const details = new protocolAny.Any();
  details.pack(message.serializeBinary(), `event_store.client.${name}`);
  const status = new protocolStatus.Status();
  status.setMessage(text);
  status.setDetails(details);
  const response = responseTo(correlation);
  response.setError(status);
  return response;
};

const answer = (correlation: string, append: Pending, appended: Appended): Response => {
  if (appended.kind === 'wrong_expected_version')
    return failed(correlation, 'Wrong expected version', wrongExpectedVersion(append, appended.current));
  const position = new protocolShared.AllStreamPosition();
  position.setCommitPosition(`${appended.position}`);
  position.setPreparePosition(`${appended.position}`);
  const success = new protocolStreams.BatchAppendResp.Success();
  success.setCurrentRevision(`${appended.revision}`);
  success.setPosition(position);
  const response = responseTo(correlation);
  response.setSuccess(success);
  return response;
};

const wrongExpectedVersion = ({ expected }: Pending, current: number): Detail => {
  const message = new protocolShared.WrongExpectedVersion();
  const empty = new protocolEmpty.Empty();
  if (current < 0) message.setCurrentNoStream(empty);
  else message.setCurrentStreamRevision(`${current}`);
  if (typeof expected === 'bigint') message.setExpectedStreamPosition(`${expected}`);
  if (expected === 'no_stream') message.setExpectedNoStream(empty);
  if (expected === 'stream_exists') message.setExpectedStreamExists(empty);
  if (expected === 'any') message.setExpectedAny(empty);
  return { name: 'WrongExpectedVersion', message };
};
