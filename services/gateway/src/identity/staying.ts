import type { Clock } from '@partitura/shared/runtime';
import type { FastifyReply } from 'fastify';

/** How long a stream may go on after its key was revoked, in milliseconds. */
const recheckMs = 10_000;

/**
 * Streams stay open for as long as somebody takes them. Who is not let in any more is cut off, comes again with the last id it has,
 * and is told why then.
 */
export const whileLetIn = async (
  clock: Clock,
  { raw }: FastifyReply,
  isLetIn: () => Promise<boolean>,
): Promise<void> => {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  while (!gone.signal.aborted) {
    await clock.sleep(recheckMs, gone.signal).catch(() => undefined);
    if (!gone.signal.aborted && !(await isLetIn())) raw.destroy();
  }
};
