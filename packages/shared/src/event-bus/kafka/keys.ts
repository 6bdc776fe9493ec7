import { parseStreamName, type StreamName } from '../../events/index.ts';

/**
 * What keeps an event's order: its run, or what else its stream is about. By the stream's name alone, so that a stream has one key
 * whatever its events say.
 */
export const keyOf = (stream: StreamName): string => {
  const { category, id } = parseStreamName(stream);
  // `<run>.<key>.a<attempt>`: see `identifiers.ts`.
  return category === 'agent' ? (id.split('.', 1)[0] ?? id) : id;
};
