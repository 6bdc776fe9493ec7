/** 20 events for each of 1,000 streams; a producer has every 32nd stream to itself and goes round among them. */
export const load = { producers: 32, streams: 1_000, events: 20_000 } as const;

export interface Turn {
  readonly stream: number;
  /** Revision that the event will have. */
  readonly sequence: number;
}

/** What one producer appends, in order. */
export function* turnsOf(producer: number): Generator<Turn> {
  const own = Math.ceil((load.streams - producer) / load.producers);
  const perStream = load.events / load.streams;
  for (let sequence = 0; sequence < perStream; sequence += 1) {
    for (let index = 0; index < own; index += 1)
      yield { stream: producer + index * load.producers, sequence };
  }
}
