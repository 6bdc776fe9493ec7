import { type ExportFormat, isByteAnswer } from '@partitura/shared/http';
import type { FinishedWorld } from '../suites/finished-world.ts';

export interface Exported {
  readonly bytes: Buffer;
  /** Where the next one begins. */
  readonly position: string;
}

/** As any program takes it. */
const served = async ({ client }: FinishedWorld, model: string, format: ExportFormat, after: string) => {
  const query = after === '' ? '' : `?after=${after}`;
  const response = await fetch(`${client.baseUrl}/api/v1/exports/${model}.${format}${query}`);
  if (!response.ok) throw new Error(`${model}.${format}: ${response.status} ${await response.text()}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, position: response.headers.get('partitura-position') ?? '' };
};

const operationNames = { ndjson: 'Ndjson', csv: 'Csv', parquet: 'Parquet' } as const;

const embedded = async ({ folded }: FinishedWorld, model: string, format: ExportFormat, after: string) => {
  const name = `export${model === 'audit' ? 'Audit' : ''}${operationNames[format]}` as const;
  const params = model === 'audit' ? {} : { model };
  const answer = await folded.ask(name, { params, query: after === '' ? {} : { after } });
  if (!isByteAnswer(answer)) throw new Error(`${name} answers no bytes.`);
  const bytes = Buffer.concat(await Array.fromAsync(answer.bytes));
  return { bytes, position: answer.headers?.['partitura-position'] ?? '' };
};

/** Both at one position: a seal may come between the two, and nothing after it while nobody does anything. */
export const exportedByBoth = async (
  given: FinishedWorld,
  model: string,
  format: ExportFormat,
  after = '',
): Promise<{ readonly served: Exported; readonly embedded: Exported }> => {
  for (;;) {
    const both = {
      served: await served(given, model, format, after),
      embedded: await embedded(given, model, format, after),
    };
    if (both.served.position === both.embedded.position) return both;
  }
};

/** Lines of NDJSON. */
export const rowsOf = ({ bytes }: Exported): readonly Record<string, unknown>[] =>
  bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
