import type { RedisConnection } from './redis-connection.ts';

export interface RemovalNotices {
  listenTo(channel: string): Promise<void>;
  close(): void;
}

/**
 * Tells of jobs that other processes removed while they are at work. A notice that was lost is made up for: the worker's next
 * renewal of its lock fails.
 */
export const removalNotices = (
  connection: RedisConnection,
  onRemoved: (channel: string, key: string) => void,
): RemovalNotices => {
  let subscriber: RedisConnection | null = null;
  const channels = new Set<string>();

  const open = (): RedisConnection => {
    const opened = connection.duplicate();
    opened.on('error', () => {});
    opened.on('message', (channel: string, key: string) => onRemoved(channel, key));
    return opened;
  };

  return {
    listenTo: async (channel) => {
      if (channels.has(channel)) return;
      channels.add(channel);
      subscriber ??= open();
      await subscriber.subscribe(channel);
    },
    close: () => subscriber?.disconnect(),
  };
};
