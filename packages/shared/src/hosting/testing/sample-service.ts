/**
 * A service as a process of its own, for tests: starts when its line on stdin says so, has one component that takes its time to
 * stop, and answers `getRun`.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PartituraError } from '../../runtime/index.ts';
import { runService } from '../index.ts';

await runService({
  name: 'projections',
  port: 0,
  compose: async (host) => {
    const [line] = await once(process.stdin, 'data');
    if (String(line).startsWith('fail'))
      throw new PartituraError('STORE_UNREACHABLE', 'No engine.', { advice: 'Start it.' });
    return {
      name: 'projections',
      operations: {
        getRun: async ({ params }) => {
          if (params.id === 'slow') await sleep(500);
          throw new PartituraError('RUN_NOT_FOUND', `There is no run "${params.id}".`);
        },
      },
      components: [
        {
          name: 'slow to stop',
          start: async () => undefined,
          stop: async (graceMs) => {
            host.logger.info({ graceMs }, 'stopping slowly');
            await sleep(600);
          },
        },
      ],
      health: [],
    };
  },
});
