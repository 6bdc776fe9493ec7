import type { Metrics } from '../runtime/index.ts';

const labels = ['processor'];

/** What is counted of each processor, under its name. */
export const processorMetrics = (metrics: Metrics, processor: string) => {
  const own = { processor };
  const events = metrics.counter({
    name: 'partitura_processor_events_total',
    help: 'Events a processor is done with, parked ones included.',
    labels,
  });
  const parked = metrics.counter({
    name: 'partitura_processor_parked_total',
    help: 'Events a processor could not handle and went on without.',
    labels,
  });
  const retries = metrics.counter({
    name: 'partitura_processor_retries_total',
    help: 'Times a processor paused to try again.',
    labels,
  });
  const seconds = metrics.histogram({
    name: 'partitura_processor_batch_seconds',
    help: 'Time a processor took for a batch, retries included.',
    labels,
  });
  const lag = metrics.gauge({
    name: 'partitura_processor_lag_events',
    help: 'Events recorded for a processor and not handled yet.',
    labels,
  });
  return {
    handled: (count: number, took: number) => {
      events.add(own, count);
      seconds.record(took, own);
    },
    parked: () => parked.add(own),
    retried: () => retries.add(own),
    observeLag: (read: () => Promise<number>) => lag.observe(own, read),
  };
};
