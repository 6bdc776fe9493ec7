import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '../../../../infra/native/stack/start-stack.ts';
import { type Ask, asking } from '../../../api/src/testing/asking.ts';
import { bootstrapKey, type Server } from '../../../api/src/testing/server.ts';
import { foundWorld, type StartWorld, startOutside } from '../../../api/src/testing/world.ts';
import { complaintsOf, levels } from './complaints.ts';
import { startSwarm } from './swarm.ts';

/** Every service as a process of its own, on the engines: what the suites over the whole API are asked of one process too. */
export interface ApiServers {
  /** On these servers, with two organisations of its own. */
  readonly startWorld: StartWorld;
  /** The same, where whoever shows no key is taken for the one who runs it all. */
  readonly startOpenWorld: StartWorld;
  stop(): Promise<void>;
}

const withKey =
  (ask: Ask): Ask =>
  (method, path, asked = {}) =>
    ask(method, path, { ...asked, key: asked.key ?? bootstrapKey });

export const startApiServers = async (): Promise<ApiServers> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-api-servers-'));
  const outside = await startOutside();
  const stack: Stack = await startStack({ directory: join(directory, 'stack') });
  const swarm = await startSwarm({
    directory: join(directory, 'swarm'),
    engines: stack.environment,
    environment: {
      ...outside.environment,
      PARTITURA_AUTH: 'required',
      PARTITURA_SUBJECT_KEYS_URL: stack.urls.postgres,
      PARTITURA_LOG_LEVEL: 'error',
      PARTITURA_REPOSITORY_FOLDERS: join(directory, 'repositories'),
    },
  });
  let worlds = 0;

  const serverOf = (url: string): Server => ({
    url,
    ask: asking(url),
    directory,
    get errors() {
      return complaintsOf(swarm.processes, levels.error);
    },
    restart: async () => {
      for (const gateway of swarm.of('gateway')) {
        await gateway.stop();
        await gateway.start();
      }
    },
    // They are there for all suites.
    stop: async () => undefined,
  });

  const startWorld: StartWorld = async () => {
    const [gateway] = swarm.of('gateway');
    if (!gateway) throw new Error('There is no gateway.');
    worlds += 1;
    const names = { busy: `bergen-${worlds}`, other: `oslo-${worlds}` };
    return {
      ...(await foundWorld(serverOf(gateway.url), outside, names)),
      stop: async () => undefined,
    };
  };

  return {
    startWorld,
    startOpenWorld: async () => {
      const world = await startWorld();
      return { ...world, server: { ...world.server, ask: withKey(world.server.ask) } };
    },
    stop: async () => {
      await swarm.stop();
      await stack.stop();
      await outside.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};
