import type { Clock } from '@partitura/shared/runtime';
import type { Caller } from './caller.ts';

/** How old an answer may be. Asked for each event of each of 500 streams, it would cost more than the events. */
const asGoodAsNowMs = 500;

/**
 * Who listens, for connections that stay: asked again while it lasts, since keys are revoked and members removed meanwhile.
 * @throws {PartituraError} as for a new request
 */
export const stayingCaller = (clock: Clock, callerNow: () => Promise<Caller>): (() => Promise<Caller>) => {
  let last: { readonly at: number; readonly caller: Caller } | null = null;
  return async () => {
    const now = clock.now();
    if (last === null || now - last.at >= asGoodAsNowMs) last = { at: now, caller: await callerNow() };
    return last.caller;
  };
};
