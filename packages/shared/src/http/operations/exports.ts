import { z } from 'zod';
import { answersBytes } from '../bytes.ts';
import { exportModel, exportSchema } from '../export-resources.ts';
import { defineOperation, type Role } from '../operation.ts';
import { nothing, pageOf, query, read, reader } from './shapes.ts';

const ofModel = z.strictObject({ model: z.string().min(1).max(100) });
const after = z
  .string()
  .optional()
  .describe('Takes only what is new since then: the Partitura-Position of an export before.');
const since = z.strictObject({ after });
const csvQuery = z.strictObject({
  after,
  formulas: z
    .enum(['escape', 'keep'])
    .default('escape')
    .describe(
      'Text that a spreadsheet would run (it begins with = + - @, a tab or a return) gets an apostrophe in front; `keep` leaves it as it is.',
    ),
});

const description = `Streamed: as much of it is read as is taken, and whoever goes away ends it. Partitura-Position says up to where it goes; the next
export takes what is new with \`after\` set to that. Partitura-Schema-Version is that of its columns.`;

const file = <Params extends z.ZodType, Query extends z.ZodType>(
  path: string,
  role: Role,
  params: Params,
  shape: Query,
  summary: string,
  type: string,
) =>
  defineOperation({
    method: 'GET',
    path,
    owner: 'projections',
    role,
    summary,
    description,
    params,
    query: shape,
    body: null,
    ...answersBytes(type),
    status: 200,
  });

const ndjson = 'application/x-ndjson';
const csv = 'text/csv';
const parquet = 'application/vnd.apache.parquet';

/** Read models, facts and the log itself as files. What the audit says is for those who may read it. */
export const exportOperations = {
  listExports: query('/exports', 'What can be exported.', read, pageOf(exportModel)),
  getExportSchema: reader(
    '/exports/:model/schema',
    'The columns of an export, and what they mean.',
    ofModel,
    read,
    exportSchema,
    'projections',
  ),
  exportNdjson: file('/exports/:model.ndjson', 'viewer', ofModel, since, 'One row a line, as JSON.', ndjson),
  exportCsv: file('/exports/:model.csv', 'viewer', ofModel, csvQuery, 'RFC 4180, with a header.', csv),
  exportParquet: file('/exports/:model.parquet', 'viewer', ofModel, since, 'Apache Parquet.', parquet),
  exportAuditNdjson: file(
    '/exports/audit.ndjson',
    'admin',
    nothing,
    since,
    'The audit, one row a line.',
    ndjson,
  ),
  exportAuditCsv: file('/exports/audit.csv', 'admin', nothing, csvQuery, 'The audit as RFC 4180.', csv),
  exportAuditParquet: file(
    '/exports/audit.parquet',
    'admin',
    nothing,
    since,
    'The audit as Parquet.',
    parquet,
  ),
};
