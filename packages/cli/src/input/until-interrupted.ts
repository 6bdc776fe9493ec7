import { onShutdownSignals, type SignalSource } from '@partitura/shared/runtime';

/** What comes, until the reader sends it away with Ctrl-C: that is how looking on ends, and no error. */
export async function* untilInterrupted<Item>(
  signals: SignalSource,
  open: (signal: AbortSignal) => AsyncIterable<Item>,
): AsyncGenerator<Item> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  const takeOff = onShutdownSignals(signals, { graceful: stop, immediate: stop });
  try {
    for await (const item of open(enough.signal)) {
      if (enough.signal.aborted) return;
      yield item;
    }
  } finally {
    takeOff();
  }
}
