import type { EventStore } from '@partitura/shared/event-store';
import { type CommandEvent, recordedIn, type StreamName } from '@partitura/shared/events';

/** What one Idempotency-Key was used for, as its stream says. */
export interface KeyUse {
  /** Of the stream's last event. */
  readonly revision: number;
  readonly commandId: string;
  readonly fingerprint: string;
  /** When it was claimed; milliseconds since the epoch. */
  readonly claimedAt: number;
  readonly state: KeyState;
}

export type KeyState =
  | { readonly kind: 'working' }
  | { readonly kind: 'refused' | 'unknown' }
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly answer: { readonly body: unknown } | null;
    };

/** The last claim and what became of it: a key is claimed again after a day, so streams are as short as that is rare. */
const lastOnes = 2;

/** Null for a key that was never used. */
export const readKeyUse = async (store: EventStore, stream: StreamName): Promise<KeyUse | null> => {
  const pages = await Array.fromAsync(store.readStream(stream, { direction: 'backwards', limit: lastOnes }));
  let use = null as KeyUse | null;
  for (const event of recordedIn('command', pages.flat().reverse())) {
    const { revision, time } = event;
    if (event.type !== 'command.claimed') use = use && { ...use, revision, state: stateAfter(event) };
    else {
      const { commandId, fingerprint } = event.data;
      use = { commandId, fingerprint, revision, claimedAt: Date.parse(time), state: { kind: 'working' } };
    }
  }
  return use;
};

const stateAfter = ({ data }: Exclude<CommandEvent, { type: 'command.claimed' }>): KeyState =>
  'outcome' in data ? { kind: data.outcome } : { kind: 'answered', status: data.status, answer: data.answer };
