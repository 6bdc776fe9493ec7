import type { Position } from '../events/index.ts';

/** A read model's document. Plain JSON. */
export interface Document {
  readonly id: string;
}

/** Which documents of a name: what the code made them with, and which time it did so. */
export interface Build {
  /** Of the reducer: another shape of document is another version. */
  readonly version: number;
  /** The same reducer's documents, built again from the log. */
  readonly generation: number;
}

/** What can be asked of a collection is declared, so that both engines have an index for it. */
export interface CollectionDefinition extends Build {
  /** `tasks`. */
  readonly name: string;
  /**
   * Top-level fields that a query may name, in order: it may ask for the first ones of an index and sort by the one that follows.
   * The id comes last in every index, unless it is named: what stands behind it is not looked up, but passed over where it is not
   * wanted, without a look into the document.
   */
  readonly indexes: readonly (readonly string[])[];
}

export type QueryValue = string | number | boolean | null;

export interface Query {
  /** Equality; an array means any of them. A field that a document does not have is null. */
  readonly where?: Readonly<Record<string, QueryValue | readonly (string | number)[]>>;
  /** Then by id, so that the order is total. Default: by id. Null comes first, then numbers, then text by its bytes. */
  readonly sort?: { readonly field: string; readonly direction: 'ascending' | 'descending' };
  /** Only what lies between, both ends included, in the field it is sorted by. */
  readonly between?: { readonly from?: string; readonly to?: string };
  /** The same in other fields, which stand behind the id in the index; text only. */
  readonly within?: Readonly<Record<string, { readonly from?: string; readonly to?: string }>>;
  /** 1 to 500. */
  readonly limit: number;
  /** Opaque, from the page before; it stays good while documents come and go, and over a switch to another build. */
  readonly cursor?: string;
}

export interface Page<Content> {
  readonly items: readonly Content[];
  readonly nextCursor: string | null;
}

export interface ProjectionWrite {
  readonly collection: CollectionDefinition;
  readonly puts: readonly Document[];
  readonly deletes: readonly string[];
}

export interface ReadModels {
  /**
   * Writes what a batch of events changed, and how far the projection has come, in one go or so that doing it again from the
   * checkpoint before it ends the same (documents carry what they need to be written twice).
   * @throws {CheckpointError} `CHECKPOINT_MOVED` when the checkpoint is not `from`: another instance was faster
   */
  write(
    projection: string,
    writes: readonly ProjectionWrite[],
    checkpoint: { readonly from: Position; readonly to: Position },
  ): Promise<void>;
  /** `beginning` for a projection that never wrote. */
  checkpoint(projection: string): Promise<Position>;
  /** Documents in the order of the ids; undefined where there is none. */
  getMany(
    collection: CollectionDefinition,
    ids: readonly string[],
  ): Promise<readonly (Document | undefined)[]>;
  /** @throws {QueryError} `UNKNOWN_INDEX` when no declared index serves it; `BAD_CURSOR`; `BAD_LIMIT` */
  find(collection: CollectionDefinition, query: Query): Promise<Page<Document>>;
  /** @throws {QueryError} `UNKNOWN_INDEX` */
  count(collection: CollectionDefinition, where?: Query['where']): Promise<number>;
  /** Forgets documents and checkpoint: the projection begins again. */
  drop(projection: string, collections: readonly CollectionDefinition[]): Promise<void>;
  /** Makes this build the one that readers of the collection's name are to ask. Until then it is the one before. */
  activate(collection: CollectionDefinition): Promise<void>;
  /** The build that readers of this name ask; null before the first was activated. */
  activeBuild(name: string): Promise<Build | null>;
  close(): Promise<void>;
}
