import { runStory, tellStore } from '@partitura/shared/http/testing';
import { answerParent } from '../child.ts';
import { serve } from '../standalone.ts';
import { usageAtRest } from '../usage.ts';
import { eventOf, story, streamOf } from './event.ts';
import { load } from './load.ts';

/** `ours.ts DIRECTORY`: the gateway and all services, and whoever appends. */
const [directory = ''] = process.argv.slice(2);
const served = await serve(directory);
const { store } = served.ports;
await tellStore(store, runStory(story));
await served.caughtUp();

answerParent({
  url: () => `${served.url}/api/v1/events`,
  usage: usageAtRest,
  load: async (seconds: number) => {
    const appends: Promise<unknown>[] = [];
    const loaded = await load(seconds, (dueAt, index) => {
      appends.push(store.append(streamOf(index), [eventOf(dueAt, index)], 'any'));
    });
    await Promise.all(appends);
    return loaded;
  },
  stop: () => served.stop(),
});
