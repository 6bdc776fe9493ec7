import { z } from 'zod';

export const exportFormats = ['ndjson', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const columnTypes = ['string', 'int64', 'double', 'boolean', 'timestamp', 'json'] as const;
export type ColumnType = (typeof columnTypes)[number];

export const exportModel = z.strictObject({
  model: z.string(),
  title: z.string(),
  formats: z.array(z.enum(exportFormats)),
  schemaVersion: z.int().positive(),
  grows: z
    .enum(['appends', 'changes'])
    .describe(
      'What `after` brings: rows that are new, or rows that are new or changed, to be taken over by their key.',
    ),
  columns: z.int(),
});

export const exportColumn = z.strictObject({
  name: z.string(),
  type: z
    .enum(columnTypes)
    .describe(
      'timestamp: ISO 8601 UTC as text, milliseconds in Parquet. json: a value in NDJSON, its text elsewhere. int64 and double: numbers.',
    ),
  nullable: z.boolean(),
  meaning: z.string(),
});
export type ExportColumn = z.infer<typeof exportColumn>;

export const exportSchema = z.strictObject({
  model: z.string(),
  title: z.string(),
  version: z
    .int()
    .positive()
    .describe('Another one when a column goes away or becomes something else; columns may be added without.'),
  key: z.array(z.string()).describe('What a row is taken over by.'),
  grows: exportModel.shape.grows,
  columns: z.array(exportColumn),
});
export type ExportSchema = z.infer<typeof exportSchema>;
