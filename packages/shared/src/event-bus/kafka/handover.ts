import type { GroupOptions } from './group-options.ts';
import type { Session } from './session.ts';

/**
 * Before a member may be given other lanes, what it works on is finished and stored, so that nobody else works on it at the same
 * time. Not for ever: the group waits for it.
 */
export const handOver = async (
  session: Session,
  { clock, logger, groupId, times }: GroupOptions,
  heartbeat: () => Promise<void>,
): Promise<void> => {
  const over = new AbortController();
  const until = (ms: number) =>
    clock.sleep(ms, over.signal).then(
      () => true,
      () => false,
    );

  /** Who does not join still has to show that it lives. The answer is always that there is a rebalance. */
  const stayAlive = async (): Promise<void> => {
    while (await until(times.sessionMs / 4)) await heartbeat().catch(() => {});
  };
  const tooLong = until(times.handoverMs).then((passed) => {
    if (passed)
      logger.warn({ group: groupId }, 'a batch takes longer than a rebalance waits and may be handled twice');
  });
  const alive = stayAlive();
  session.close();
  await Promise.race([session.settled(), tooLong]);
  over.abort();
  session.giveUp();
  await Promise.all([tooLong, alive]);
};
