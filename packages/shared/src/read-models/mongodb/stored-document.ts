import type { CollectionDefinition, Document } from '../port.ts';

/** As it stands in a collection of MongoDB. */
export interface StoredDocument {
  readonly _id: string;
  /** The checkpoint of the batch that wrote it: whoever is not as far may not overwrite it. */
  readonly at: string;
  /**
   * JSON, because a key of BSON may not be whatever a key of JSON may. Null where the document was deleted: an instance that is
   * behind must not bring it back.
   */
  readonly document: string | null;
  /** `field_owner`: what can be asked for. */
  readonly [field: `field_${string}`]: string | number | null;
}

/** `tasks@2.0`: one collection per build, so that one is dropped without a trace of the others. */
export const collectionName = ({ name, version, generation }: CollectionDefinition): string =>
  `${name}@${version}.${generation}`;

/** Where an indexed field stands. */
export const fieldName = (field: string): '_id' | `field_${string}` =>
  field === 'id' ? '_id' : `field_${field}`;

export const indexedFields = ({ indexes }: CollectionDefinition): readonly string[] => [
  ...new Set(indexes.flat().filter((field) => field !== 'id')),
];

export const storedDocument = (
  document: Document,
  at: string,
  fields: readonly string[],
): StoredDocument => ({
  _id: document.id,
  at,
  document: JSON.stringify(document),
  ...Object.fromEntries(fields.map((field) => [fieldName(field), sortable(Reflect.get(document, field))])),
});

export const deletedDocument = (id: string, at: string): StoredDocument => ({ _id: id, at, document: null });

/** Truth among the numbers, as the other engine has it; what is neither text nor number is not there. */
export const sortable = (value: unknown): string | number | null => {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

export const documentOf = (stored: Pick<StoredDocument, 'document'> | undefined): Document | undefined =>
  typeof stored?.document === 'string' ? (JSON.parse(stored.document) as Document) : undefined;
