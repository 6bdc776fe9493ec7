import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import protocolStreams from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamName } from '../../events/index.ts';
import type { EventFilter } from '../port.ts';
import { serverFilter } from './filters.ts';
import type { LogPosition } from './positions.ts';
import type { StreamNames } from './stream-names.ts';

type Direction = 'forwards' | 'backwards';

const direction = (way: Direction): 0 | 1 => (way === 'forwards' ? 0 : 1);

const requestWith = (options: ReadReq.Options): ReadReq => {
  const ids = new protocolStreams.ReadReq.Options.UUIDOption();
  ids.setString(new protocolShared.Empty());
  options.setUuidOption(ids);
  options.setResolveLinks(false);
  const request = new protocolStreams.ReadReq();
  request.setOptions(options);
  return request;
};

/** `from` is inclusive, both ways; null is the stream's start, or backwards its end. */
export const streamRequest = (
  names: StreamNames,
  stream: StreamName,
  from: number | null,
  count: number,
  way: Direction,
): ReadReq => {
  const identifier = new protocolShared.StreamIdentifier();
  identifier.setStreamName(names.onServer(stream));
  const place = new protocolStreams.ReadReq.Options.StreamOptions();
  place.setStreamIdentifier(identifier);
  if (from !== null) place.setRevision(`${from}`);
  else if (way === 'forwards') place.setStart(new protocolShared.Empty());
  else place.setEnd(new protocolShared.Empty());
  const options = new protocolStreams.ReadReq.Options();
  options.setStream(place);
  options.setCount(`${count}`);
  options.setReadDirection(direction(way));
  options.setNoFilter(new protocolShared.Empty());
  return requestWith(options);
};

const placeInAll = (from: LogPosition | null, way: Direction): ReadReq.Options.AllOptions => {
  const place = new protocolStreams.ReadReq.Options.AllOptions();
  if (from) {
    const position = new protocolStreams.ReadReq.Options.Position();
    position.setCommitPosition(from.commit);
    position.setPreparePosition(from.prepare);
    place.setPosition(position);
  } else if (way === 'forwards') place.setStart(new protocolShared.Empty());
  else place.setEnd(new protocolShared.Empty());
  return place;
};

/** Forwards the record at `from` comes again, backwards it does not (AllReader.cs of the server). */
export const allRequest = (
  names: StreamNames,
  from: LogPosition | null,
  count: number,
  way: Direction,
  filter: EventFilter,
): ReadReq => {
  const options = new protocolStreams.ReadReq.Options();
  options.setAll(placeInAll(from, way));
  options.setCount(`${count}`);
  options.setReadDirection(direction(way));
  options.setFilter(serverFilter(filter, 'read', names));
  return requestWith(options);
};

/** `after` is exclusive; null is the beginning. */
export const subscriptionRequest = (
  names: StreamNames,
  after: LogPosition | null,
  filter: EventFilter,
): ReadReq => {
  const options = new protocolStreams.ReadReq.Options();
  options.setAll(placeInAll(after, 'forwards'));
  options.setSubscription(new protocolStreams.ReadReq.Options.SubscriptionOptions());
  options.setFilter(serverFilter(filter, 'subscription', names));
  return requestWith(options);
};
