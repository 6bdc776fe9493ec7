import type { EventStore } from '@partitura/shared/event-store';
import { beginning } from '@partitura/shared/events';
import {
  type ByteAnswer,
  type ExportColumn,
  exportFormats,
  type OperationHandlers,
} from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { ProjectionEngine } from '../engine/engine.ts';
import type { Reader } from '../queries/per-caller.ts';
import type { Readers } from '../queries/readers.ts';
import { csv } from './formats/csv.ts';
import type { Encode } from './formats/format.ts';
import { ndjson } from './formats/ndjson.ts';
import { parquet } from './formats/parquet.ts';
import { type ExportModel, exportModels } from './models.ts';

export interface Exporting {
  readonly engine: Pick<ProjectionEngine, 'position'>;
  readonly store: EventStore;
  readonly readers: Readers;
}

type Answered = 'listExports' | 'getExportSchema' | `export${'' | 'Audit'}${'Ndjson' | 'Csv' | 'Parquet'}`;

/** What has a route of its own, for those who may read it. */
const restricted = 'audit';

interface File {
  readonly type: string;
  readonly extension: string;
  readonly encode: Encode;
}

const files = {
  ndjson: { type: 'application/x-ndjson', extension: 'ndjson', encode: ndjson },
  parquet: { type: 'application/vnd.apache.parquet', extension: 'parquet', encode: parquet },
  csv: (formulas: 'escape' | 'keep'): File => ({
    type: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    encode: csv({ escapeFormulas: formulas === 'escape' }),
  }),
};

/** @throws {PartituraError} `EXPORT_NOT_FOUND` */
const modelOf = (name: string): ExportModel => {
  const model = exportModels.find((one) => one.name === name);
  if (model) return model;
  throw new PartituraError('EXPORT_NOT_FOUND', 'Nothing is exported under that name.', {
    advice: `There are ${exportModels.map((one) => one.name).join(', ')}.`,
  });
};

/** @throws {PartituraError} `EXPORT_NOT_FOUND` also for what has a route of its own */
const openModelOf = (name: string): ExportModel => modelOf(name === restricted ? '' : name);

const columnsShown = ({ columns }: ExportModel): ExportColumn[] =>
  columns.map(({ name, type, nullable, meaning }) => ({ name, type, nullable, meaning }));

export const exportHandlers = (
  { engine, store, readers }: Exporting,
  reader: Reader,
): Pick<OperationHandlers, Answered> => {
  /** The end is chosen before anything is read, so that it can be said up front, and the next export begins there. */
  const exported = async (
    model: ExportModel,
    { type, extension, encode }: File,
    after = '',
  ): Promise<ByteAnswer> => {
    if (after !== '') await readers.upTo(after);
    const reached = model.name === 'events' ? await store.head() : engine.position();
    const upTo = after > reached ? after : reached;
    const pages = model.rows({ readers, store, reader, after: after || beginning, upTo });
    return {
      contentType: type,
      headers: {
        'partitura-position': upTo,
        'partitura-schema-version': String(model.version),
        'content-disposition': `attachment; filename="${model.name}.${extension}"`,
      },
      bytes: encode(model.columns, pages),
    };
  };

  return {
    listExports: async ({ query: { after } }) => {
      await readers.upTo(after);
      const items = exportModels.map(({ name, title, version, grows, columns }) => ({
        ...{ model: name, title, grows },
        formats: [...exportFormats],
        schemaVersion: version,
        columns: columns.length,
      }));
      return { items, nextCursor: null };
    },
    getExportSchema: async ({ params, query: { after } }) => {
      await readers.upTo(after);
      const model = modelOf(params.model);
      const { name, title, version, key, grows } = model;
      return { model: name, title, version, key: [...key], grows, columns: columnsShown(model) };
    },
    exportNdjson: ({ params, query }) => exported(openModelOf(params.model), files.ndjson, query.after),
    exportParquet: ({ params, query }) => exported(openModelOf(params.model), files.parquet, query.after),
    exportCsv: ({ params, query }) =>
      exported(openModelOf(params.model), files.csv(query.formulas), query.after),
    exportAuditNdjson: ({ query }) => exported(modelOf(restricted), files.ndjson, query.after),
    exportAuditParquet: ({ query }) => exported(modelOf(restricted), files.parquet, query.after),
    exportAuditCsv: ({ query }) => exported(modelOf(restricted), files.csv(query.formulas), query.after),
  };
};
