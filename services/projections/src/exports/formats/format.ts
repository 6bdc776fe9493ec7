import type { Bytes } from '@partitura/shared/http';
import type { Column } from '../columns.ts';

/** Rows in pages of a few hundred, read when they are wanted. */
export type RowPages = AsyncIterable<readonly unknown[]>;

/** Rows as bytes: no more of them at a time than one page, or one group, has. */
export type Encode = (columns: readonly Column[], pages: RowPages) => Bytes;
