import { replayAgents } from '@partitura/agent-runner';
import { replayRun } from '@partitura/orchestrator';
import { replayPlan } from '@partitura/planner';
import type { BlobStore } from '@partitura/shared/blobs';
import { sha256 } from '@partitura/shared/canonical';
import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import { priceTable } from '@partitura/shared/models';
import { type ReplayPart, recordedRun } from '@partitura/shared/replaying';

export interface Replayed {
  readonly parts: readonly ReplayPart[];
  readonly hash: string;
}

/** What each owner is given in place of what decides live: to see that a change of it is found. */
export interface Changes {
  readonly run?: Parameters<typeof replayRun>[0]['decider'];
  readonly plan?: Parameters<typeof replayPlan>[0]['nextStep'];
  readonly agent?: Parameters<typeof replayAgents>[0]['next'];
  readonly merge?: Parameters<typeof replayAgents>[0]['mergeDecider'];
}

/** All three owners on one history, as the gateway asks them. */
export const replayAll = async (
  { store, blobs }: { readonly store: EventStore; readonly blobs: Pick<BlobStore, 'get' | 'has'> },
  run: string,
  until: Position,
  changes: Changes = {},
): Promise<Replayed> => {
  const events = await recordedRun(store, run, until, { organizationId: null });
  const parts = [
    await replayRun({ store, blobs, ...(changes.run ? { decider: changes.run } : {}) }, run, events, until),
    await replayPlan(
      { store, blobs, prices: priceTable(), ...(changes.plan ? { nextStep: changes.plan } : {}) },
      run,
      events,
      until,
    ),
    await replayAgents(
      {
        store,
        blobs,
        ...(changes.agent ? { next: changes.agent } : {}),
        ...(changes.merge ? { mergeDecider: changes.merge } : {}),
      },
      run,
      events,
      until,
    ),
  ];
  return { parts, hash: sha256(parts.map(({ hash }) => hash).join('\n')) };
};
