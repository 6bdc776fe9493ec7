import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort, type NativeServer, startProgram, takesConnections } from './program.ts';

export interface EventStoreDbOptions {
  /** Where it keeps its log; the same directory again is the same log again. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Bytes of one append. Default 16 MB. */
  readonly maxAppendSize?: number;
  /** For tests: it writes the append with this number, counted from its start, and is gone before it answers. */
  readonly diesInAppend?: number;
  readonly outlives?: boolean;
}

const program = fileURLToPath(
  new URL('../../packages/shared/src/event-store/eventstoredb/testing/server-process.ts', import.meta.url),
);

/**
 * A test server that is written to EventStoreDB's protocol; not EventStoreDB, whose packages the machines that build this cannot
 * get. One node, no TLS, no users. What it acknowledges is on the disk, and comes back at the same positions.
 */
export const startEventStoreDb = async (options: EventStoreDbOptions): Promise<NativeServer> => {
  const { directory, maxAppendSize = 16_000_000, diesInAppend, outlives = false } = options;
  await mkdir(directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const running = await startProgram({
    name: 'The EventStoreDB test server',
    command: process.execPath,
    arguments: [
      '--disable-warning=ExperimentalWarning',
      program,
      ...['--directory', directory, '--port', String(port), '--max-append-size', String(maxAppendSize)],
      ...(diesInAppend === undefined ? [] : ['--die-in-append', String(diesInAppend)]),
    ],
    directory,
    outlives,
    timeoutMs: 120_000,
    isReady: () => takesConnections(port),
  });
  return { ...running, url: `esdb://127.0.0.1:${port}?tls=false` };
};
