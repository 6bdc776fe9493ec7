import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobStore, openS3BlobStore } from '@partitura/shared/blobs';
import { connectEventStoreDb, type EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { type Stack, startStack } from '../../../../infra/native/stack/start-stack.ts';
import { type GitServer, startGitServer } from './git-server.ts';
import { type Swarm, type SwarmOptions, startSwarm } from './swarm.ts';

/** The engines, a git server, and the log as the tests look at it. */
export interface World {
  readonly directory: string;
  readonly stack: Stack;
  readonly git: GitServer;
  readonly store: EventStore;
  readonly blobs: BlobStore;
  startSwarm(options: Omit<SwarmOptions, 'directory' | 'engines'>): Promise<Swarm>;
  /** Everything recorded, as it was recorded. */
  log(): Promise<readonly RecordedEvent[]>;
  /** Ends everything that was started, the last first, and deletes what it kept. */
  close(): Promise<void>;
}

export const startWorld = async (): Promise<World> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-distributed-'));
  const stack = await startStack({ directory: join(directory, 'stack') });
  const git = await startGitServer(join(directory, 'repositories'));
  const quiet = { clock: systemClock, logger: silentLogger };
  const store = await connectEventStoreDb({ url: stack.urls.eventStore, ...quiet });
  const blobs = await openS3BlobStore({ url: stack.urls.s3, ...quiet });
  const swarms: Swarm[] = [];
  return {
    directory,
    stack,
    git,
    store,
    blobs,
    startSwarm: async (options) => {
      const place = join(directory, `swarm-${swarms.length + 1}`);
      const swarm = await startSwarm({ ...options, directory: place, engines: stack.environment });
      swarms.push(swarm);
      return swarm;
    },
    log: async () => {
      const pages = await Array.fromAsync(store.readAll({ asRecorded: true }));
      return pages.flatMap(({ events }) => events);
    },
    close: async () => {
      for (const swarm of swarms) await swarm.stop();
      await blobs.close();
      await store.close();
      await git.stop();
      await stack.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};
