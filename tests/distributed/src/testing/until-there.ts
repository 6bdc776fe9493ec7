import { setTimeout as sleep } from 'node:timers/promises';
import { PartituraError } from '@partitura/shared/runtime';

/**
 * Asks again for as long as the read models are behind what was asked for: the API waits for them some seconds and then says so, with
 * 503 and when to come back.
 */
export const untilThere = async <Answer>(
  ask: () => Promise<Answer>,
  again: () => void = () => undefined,
): Promise<Answer> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PartituraError && error.code === 'READ_MODEL_BEHIND')) throw error;
      again();
      await sleep(100);
    }
  }
};
