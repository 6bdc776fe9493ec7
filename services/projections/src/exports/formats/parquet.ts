import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { type Cell, type Column, cellOf, jsonText } from '../columns.ts';
import type { Encode } from './format.ts';

/** A group is what is held in memory, and what a reader reads at once: it ends with whichever comes first. */
const rowsInGroup = 20_000;
const charactersInGroup = 8 * 1024 * 1024;

const elementOf = ({ name, type, nullable }: Column): SchemaElement => {
  const common = { name, repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const) };
  switch (type) {
    case 'int64':
      return { ...common, type: 'INT64' };
    case 'double':
      return { ...common, type: 'DOUBLE' };
    case 'boolean':
      return { ...common, type: 'BOOLEAN' };
    case 'timestamp':
      return { ...common, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
    default:
      return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  }
};

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(elementOf),
];

/** As the writer takes it. */
const valueOfCell = (cell: Cell, { type }: Column): unknown => {
  if (cell === null || cell === undefined) return null;
  if (type === 'int64') return BigInt(Number(cell));
  if (type === 'timestamp') return new Date(String(cell));
  return type === 'json' ? jsonText(cell) : cell;
};

/** What was written since the last time. */
const taken = (writer: ByteWriter): Uint8Array => {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
};

/** Apache Parquet, Snappy inside: a row group at a time, and the footer at the end. */
export const parquet: Encode = async function* (columns, pages) {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: 'partitura' });
  let group: unknown[][] = columns.map(() => []);
  let characters = 0;

  const add = (row: unknown): void => {
    for (const [at, column] of columns.entries()) {
      const value = valueOfCell(cellOf(row, column), column);
      group[at]?.push(value);
      characters += typeof value === 'string' ? value.length : 8;
    }
  };
  const rows = (): number => group[0]?.length ?? 0;
  const writeGroup = (): Uint8Array => {
    const columnData = columns.map(({ name }, at) => ({ name, data: group[at] ?? [], offsetIndex: false }));
    void file.write({ columnData, rowGroupSize: rowsInGroup * 2 });
    group = columns.map(() => []);
    characters = 0;
    return taken(writer);
  };

  for await (const page of pages) {
    for (const row of page) {
      add(row);
      if (rows() >= rowsInGroup || characters >= charactersInGroup) yield writeGroup();
    }
  }
  if (rows() > 0) yield writeGroup();
  void file.finish();
  yield taken(writer);
};
