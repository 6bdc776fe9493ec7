import type { Examples } from './example.ts';
import { pageOf, positions } from './samples.ts';

const model = { model: 'tasks' };
const title = 'Tasks, as they stand.';
const after = { query: { after: positions.earlier } };

export const exportExamples = {
  listExports: {
    result: pageOf({
      ...model,
      title,
      formats: ['ndjson' as const, 'csv' as const, 'parquet' as const],
      schemaVersion: 1,
      grows: 'changes' as const,
      columns: 38,
    }),
  },
  getExportSchema: {
    params: model,
    result: {
      ...model,
      title,
      version: 1,
      key: ['id'],
      grows: 'changes',
      columns: [
        { name: 'id', type: 'string', nullable: false, meaning: 'What it is called everywhere.' },
        { name: 'completedAt', type: 'timestamp', nullable: true, meaning: 'When it was done.' },
      ],
    },
  },
  exportNdjson: { params: model, ...after },
  exportCsv: { params: model, ...after },
  exportParquet: { params: model, ...after },
  exportAuditNdjson: after,
  exportAuditCsv: after,
  exportAuditParquet: after,
} satisfies Examples;
