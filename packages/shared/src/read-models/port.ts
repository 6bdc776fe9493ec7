import type { Position } from '../events/index.ts';

/** A read model's document. Plain JSON. */
export interface Document {
  readonly id: string;
}

/** What can be asked of a collection is declared, so that both engines have an index for it. */
export interface CollectionDefinition {
  /** `tasks`. */
  readonly name: string;
  /** A new version is built beside the old one, then switched. */
  readonly version: number;
  /** Top-level fields that `where` and `sort` may name. */
  readonly indexes: readonly (readonly string[])[];
}

export interface Query {
  /** Equality; an array means any of them. */
  readonly where?: Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>;
  /** Then by id, so that the order is total. Default: by id. */
  readonly sort?: { readonly field: string; readonly direction: 'ascending' | 'descending' };
  /** 1 to 500. */
  readonly limit: number;
  /** Opaque, from the page before. */
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
  write(projection: string, writes: readonly ProjectionWrite[], checkpoint: { from: Position; to: Position }): Promise<void>;
  checkpoint(projection: string): Promise<Position>;
  /** Documents in the order of the ids; undefined where there is none. */
  getMany(collection: CollectionDefinition, ids: readonly string[]): Promise<readonly (Document | undefined)[]>;
  /** @throws {QueryError} `UNKNOWN_INDEX` when no declared index serves it; `BAD_CURSOR` */
  find(collection: CollectionDefinition, query: Query): Promise<Page<Document>>;
  count(collection: CollectionDefinition, where?: Query['where']): Promise<number>;
  /** Forgets documents and checkpoint: the projection begins again. */
  drop(projection: string, collections: readonly CollectionDefinition[]): Promise<void>;
  /** Makes readers of the collection's name see this version. Until then they see the one before. */
  activate(collection: CollectionDefinition): Promise<void>;
  activeVersion(name: string): Promise<number | null>;
  close(): Promise<void>;
}
