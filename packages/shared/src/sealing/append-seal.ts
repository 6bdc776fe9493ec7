import { type EventStore, isRevisionConflict } from '../event-store/index.ts';
import { type EventToAppend, versionOf } from '../events/index.ts';
import type { Clock } from '../runtime/index.ts';
import { folded, lastProgress, type Progress, pending } from './progress.ts';
import { type Seal, sealStream, signedSeal } from './seal.ts';
import type { SigningKey } from './signing-key.ts';

export interface Sealing {
  readonly store: EventStore;
  readonly key: SigningKey;
  readonly clock: Clock;
}

/** Seals as far as the log was read. @returns null when another replica was faster: its seal is where to go on from */
export const appendSeal = async (
  { store, key, clock }: Sealing,
  before: Progress,
  closing: boolean,
): Promise<Progress | null> => {
  const { sealed, chain, from, through } = before;
  if (through === null) return before;
  const events = pending(before);
  const content = { events, total: chain.total, from, through, head: chain.head, closing };
  const seal = signedSeal(sealed.seal, content, key);
  const event = toAppend(seal, new Date(clock.now()).toISOString());
  const expected = sealed.revision === -1 ? 'no_stream' : sealed.revision;
  try {
    const { revision } = await store.append(sealStream, [event], expected);
    return { ...before, sealed: { seal, revision }, from: null };
  } catch (error) {
    if (!isRevisionConflict(error)) throw error;
    return null;
  }
};

/** Reads on to the end of the log. */
export const readOn = async (store: EventStore, before: Progress): Promise<Progress> => {
  let progress = before;
  for await (const { events, position } of store.readAll({ after: before.position }))
    progress = folded(progress, events, position);
  return progress;
};

/**
 * Seals the end of a log that one process has for itself, when nobody can append any more: behind such a seal there is nothing until
 * the next process begins. Where all is sealed so already, nothing is done.
 */
export const sealEnd = async (sealing: Sealing): Promise<void> => {
  for (;;) {
    const progress = await readOn(sealing.store, await lastProgress(sealing.store));
    if (pending(progress) === 0 && progress.sealed.seal?.closing !== false) return;
    if ((await appendSeal(sealing, progress, true)) !== null) return;
  }
};

const toAppend = (data: Seal, time: string): EventToAppend => ({
  id: `seal.${data.number}.${data.signature.slice(0, 16)}`,
  type: 'log.sealed',
  version: versionOf('log.sealed'),
  data,
  time,
  metadata: {
    source: '/projections',
    actor: 'service:projections',
    correlationId: 'sealing',
    causationId: data.through.eventId,
  },
});
