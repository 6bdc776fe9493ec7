/** Content by the SHA-256 of its bytes. Writing the same content again changes nothing. */
export interface BlobStore {
  /** @returns the SHA-256 in hex. Durable when the promise resolves. */
  put(content: string | Uint8Array): Promise<string>;
  /** @throws {BlobError} `BLOB_NOT_FOUND`, or `BLOB_CORRUPT` when the content no longer has its hash */
  get(hash: string): Promise<Uint8Array>;
  has(hash: string): Promise<boolean>;
  close(): Promise<void>;
}
