import { parseStreamName, type StreamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';

/** How our streams are called in the database, which may hold those of other programs and of other installations. */
export interface StreamNames {
  onServer(stream: StreamName): Uint8Array;
  /** null for a stream that is not ours. */
  ours(name: Uint8Array): StreamName | null;
  /** What the names of a category's streams begin with. */
  prefixOf(category: string): string;
}

/**
 * `namespace` null: as they are; else `<namespace>.<stream>`. Event and hash have the plain name, so a log can be moved.
 * @throws {PartituraError} `INVALID_NAMESPACE`
 */
export const streamNames = (namespace: string | null): StreamNames => {
  if (namespace !== null && !/^[a-z0-9_]{1,64}$/.test(namespace))
    throw new PartituraError(
      'INVALID_NAMESPACE',
      `"${namespace}" cannot be a namespace of the event store.`,
      {
        advice: 'Use up to 64 lower-case letters, digits and underscores.',
      },
    );
  const prefix = namespace === null ? '' : `${namespace}.`;
  return {
    onServer: (stream) => Buffer.from(`${prefix}${stream}`, 'utf8'),
    ours: (bytes) => {
      const name = Buffer.from(bytes).toString('utf8');
      if (!name.startsWith(prefix)) return null;
      const stream = name.slice(prefix.length) as StreamName;
      return hasCategory(stream) ? stream : null;
    },
    prefixOf: (category) => `${prefix}${category}-`,
  };
};

const hasCategory = (stream: StreamName): boolean => {
  try {
    parseStreamName(stream);
    return true;
  } catch {
    return false;
  }
};
