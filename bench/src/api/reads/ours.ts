import { answerParent } from '../child.ts';
import { serve } from '../standalone.ts';
import { usage } from '../usage.ts';

/** `ours.ts DIRECTORY`: the gateway and all services, on what was prepared. */
const [directory = ''] = process.argv.slice(2);
const served = await serve(directory);
await served.caughtUp();

answerParent({ url: () => `${served.url}/api/v1`, usage, stop: () => served.stop() });
