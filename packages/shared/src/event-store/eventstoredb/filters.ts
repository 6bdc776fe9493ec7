import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import protocolStreams from '@eventstore/db-client/generated/streams_pb.js';
import { categories, parseStreamName, type RecordedEvent } from '../../events/index.ts';
import type { EventFilter } from '../port.ts';
import type { StreamNames } from './stream-names.ts';

/** A checkpoint is sent every `multiplier × window` records that were looked at. */
const searchWindow = 256;
const checkpointMultiplier = 4;

/** False when the filter can let nothing pass. */
export const canMatch = ({ types, categories: wanted }: EventFilter): boolean =>
  types?.length !== 0 && wanted?.length !== 0;

/**
 * What the server can filter: event types or stream names, not both
 * (https://docs.kurrent.io/clients/grpc/subscriptions, "Server-side filtering"). It keeps its own events and foreign streams
 * back; `matches` decides the rest.
 */
export const serverFilter = (
  { types, categories: wanted = categories }: EventFilter,
  kind: 'read' | 'subscription',
  names: StreamNames,
): ReadReq.Options.FilterOptions => {
  const expression = new protocolStreams.ReadReq.Options.FilterOptions.Expression();
  const filter = new protocolStreams.ReadReq.Options.FilterOptions();
  if (types) {
    expression.setRegex(`^(${types.map(escaped).join('|')})$`);
    filter.setEventType(expression);
  } else {
    expression.setPrefixList(wanted.map(names.prefixOf));
    filter.setStreamIdentifier(expression);
  }
  if (kind === 'subscription') filter.setMax(searchWindow);
  else filter.setCount(new protocolShared.Empty());
  filter.setCheckpointintervalmultiplier(checkpointMultiplier);
  return filter;
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export const matches = (event: RecordedEvent, { categories: wanted, types, runId }: EventFilter): boolean =>
  (types === undefined || types.includes(event.type)) &&
  (wanted === undefined || wanted.includes(parseStreamName(event.stream).category)) &&
  (runId === undefined || event.metadata.runId === runId);
