import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { PartituraError, silentLogger } from '@partitura/shared/runtime';
import { sharedQueue } from '../testing/replicas.ts';
import { attemptOf, runId, scenario, task } from '../testing/scenario.ts';
import { earlyOffers } from './early-offers.ts';

const begun = () => {
  const { run, start, plan, complete } = scenario();
  start();
  const recorded = plan([task('T1'), task('T2'), task('T3', ['T1'])]);
  const shared = sharedQueue();
  return { run, recorded, complete, shared, early: earlyOffers(shared.queue, silentLogger) };
};

describe('attempts offered when they are decided', () => {
  it('are on the queue before anybody has heard of their events', async () => {
    const { run, recorded, shared, early } = begun();
    early.offer(runId, recorded, run());
    await nextTurn();
    expect(shared.jobs().map(([queue, { id }]) => `${queue} ${id}`)).toEqual([
      `attempts ${attemptOf('T1')}`,
      `attempts ${attemptOf('T2')}`,
    ]);
    expect(early.wasOffered(attemptOf('T1'))).toBe(true);
  });

  it('are left to their events when the queue is away', async () => {
    const { run, recorded, shared, early } = begun();
    shared.fail(new PartituraError('QUEUE_UNREACHABLE', 'It is away.'));
    early.offer(runId, recorded, run());
    await nextTurn();
    expect(early.wasOffered(attemptOf('T1'))).toBe(false);
  });

  it('are left to their events when the run is not known at that moment', async () => {
    const { recorded, shared, early } = begun();
    early.offer(runId, recorded, null);
    await nextTurn();
    expect([shared.offered(), early.wasOffered(attemptOf('T1'))]).toEqual([0, false]);
  });

  it('are not offered for a command that is answered again when they are over', async () => {
    const { run, recorded, complete, shared, early } = begun();
    complete('T1');
    early.offer(runId, recorded, run());
    await nextTurn();
    expect(shared.jobs().map(([, { id }]) => id)).toEqual([attemptOf('T2')]);
  });
});
