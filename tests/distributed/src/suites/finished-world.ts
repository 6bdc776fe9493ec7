import type { ApiClient } from '@partitura/shared/http';
import { newPlace, type Place } from '../../../../packages/cli/src/testing/cli.ts';
import type { RequestedRun } from '../testing/conducted-run.ts';
import { type FoldedLog, foldTheLog } from '../testing/fold-of-the-log.ts';
import type { Swarm } from '../testing/swarm.ts';
import type { World } from '../testing/world.ts';

/** A run that has ended on real engines, and what the embedded profile makes of the very same log. */
export interface FinishedWorld {
  readonly world: World;
  readonly swarm: Swarm;
  readonly client: ApiClient;
  readonly finished: RequestedRun;
  readonly folded: FoldedLog;
  /** Where commands are given. */
  readonly place: Place;
  /** `partitura … --json` of a server on real engines. @throws {Error} with what it said, when it ends with another code */
  command(words: readonly string[], code?: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Suites share one start: it takes longer than all that they do. */
export type Given = () => FinishedWorld;

export const finishedWorld = async (
  world: World,
  swarm: Swarm,
  finished: RequestedRun,
): Promise<FinishedWorld> => {
  const client = swarm.client();
  const place = await newPlace();
  const folded = await foldTheLog(world.store, world.blobs);
  return {
    ...{ world, swarm, client, finished, folded, place },
    command: async (words, code = 0) => {
      const ended = await place.run([...words, '--json', '--url', client.baseUrl]);
      if (ended.code !== code) throw new Error(`partitura ${words.join(' ')}: ${JSON.stringify(ended)}`);
      return JSON.parse(ended.stdout);
    },
    close: async () => {
      await place.remove();
      await folded.close();
    },
  };
};
