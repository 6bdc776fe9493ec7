import type { Bytes } from '@partitura/shared/http';

/**
 * Bytes of somebody who may take as long as they like, as long as something comes. Only waiting counts: whoever reads slowly is not
 * taken for somebody who says nothing. What is left after a silence is not waited for.
 */
export async function* attended(
  bytes: Bytes,
  silenceMs: number,
  silent: () => Error,
): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  let waiting = false;
  try {
    for (;;) {
      waiting = true;
      const next = await within(source.next(), silenceMs, silent);
      waiting = false;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // A source that is waited for cannot be told to end before it has answered.
    if (!waiting) await source.return?.();
  }
}

const within = async <Result>(work: Promise<Result>, ms: number, late: () => Error): Promise<Result> => {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(late()), ms);
  try {
    return await Promise.race([work, silence.promise]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more after a silence.
    work.catch(() => undefined);
  }
};
