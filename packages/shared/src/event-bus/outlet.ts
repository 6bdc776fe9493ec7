import type { Position, RecordedEvent } from '../events/index.ts';

/** Where a relay hands the log on to, for a bus that is not the store's own feed. */
export interface EventOutlet {
  /**
   * Calls `work` each time it is this process's turn to relay, until the signal aborts. Of all that lead at the same time one has
   * the turn; when it is gone, another has it within seconds. Resolves when the last work has ended.
   * @param onOthersTurn whenever this process is among those that wait, because another one has the turn
   */
  lead(
    work: (turn: RelayTurn) => Promise<void>,
    signal: AbortSignal,
    onOthersTurn?: () => void,
  ): Promise<void>;
  /** Resolves when what events are handed on to answers. @throws {PartituraError} why it does not */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface RelayTurn {
  /** All up to it has been handed on, by whoever had the turn. */
  readonly after: Position;
  /** Aborts when the turn is over. */
  readonly signal: AbortSignal;
  /**
   * Resolves when the events are durable, in their order. Tries as long as it takes: rejects only when the turn is over. `onTrouble`
   * is told what keeps it from going on, once each time that changes.
   */
  publish(events: readonly RecordedEvent[], onTrouble: (error: unknown) => void): Promise<void>;
  /** All up to it has been handed on. Stored a moment later. */
  moveTo(position: Position): void;
}
