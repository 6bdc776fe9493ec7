import { PartituraError } from '@partitura/shared/runtime';

/** In a row. Who waits as they are told to is never refused so often. */
const mostRefused = 100;

/**
 * Lets in what is asked over one connection that stays, as often as REST would: what is beyond is refused, and the connection stays.
 * Who goes on all the same is cut off, since even a refusal is work.
 * @param count counts one more, and throws `RATE_LIMITED`
 * @param cutOff says why, and ends the connection
 */
export const admission = (
  count: () => Promise<void>,
  cutOff: (reason: string) => void,
): (() => Promise<void>) => {
  let refused = 0;
  return async () => {
    try {
      await count();
      refused = 0;
    } catch (error) {
      if (error instanceof PartituraError && error.code === 'RATE_LIMITED') refused += 1;
      if (refused > mostRefused) cutOff(`${mostRefused} messages in a row were more than may be asked.`);
      throw error;
    }
  };
};
