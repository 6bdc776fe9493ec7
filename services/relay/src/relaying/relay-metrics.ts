import { parseStreamName, type RecordedEvent } from '@partitura/shared/events';
import type { Metrics } from '@partitura/shared/runtime';

/** What is counted of a relay. */
export const relayMetrics = (metrics: Metrics) => {
  const relayed = metrics.counter({
    name: 'partitura_relay_events_total',
    help: 'Events this relay has handed on to the bus.',
    labels: ['category'],
  });
  const active = metrics.gauge({
    name: 'partitura_relay_active',
    help: '1 while this is the relay that hands events on, 0 while it stands by.',
  });
  const lag = metrics.gauge({
    name: 'partitura_relay_lag_events',
    help: 'Events recorded and not handed on yet, as the active relay sees it; 10000 stands for more.',
  });
  return {
    relayed: (events: readonly RecordedEvent[]) => {
      for (const [category, ofIt] of Map.groupBy(events, ({ stream }) => parseStreamName(stream).category))
        relayed.add({ category }, ofIt.length);
    },
    active: (isActive: boolean) => active.set(isActive ? 1 : 0),
    observeLag: (read: () => Promise<number>) => lag.observe({}, read),
  };
};
