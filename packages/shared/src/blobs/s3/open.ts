import type { BlobStore } from '../port.ts';
import type { S3BlobStoreOptions } from './options.ts';

/**
 * Blobs in a bucket of S3 or what is compatible with it. The client is loaded here, not with the port.
 * @throws {BlobError} `BLOB_URL_INVALID`, `BLOB_STORE_UNREACHABLE`, `BLOB_CREDENTIALS_REFUSED`, `BLOB_BUCKET_MISSING`,
 * `BLOB_REGION_WRONG`
 */
export const openS3BlobStore = async (options: S3BlobStoreOptions): Promise<BlobStore> => {
  const { connectBlobStore } = await import('./s3-blob-store.ts');
  return connectBlobStore(options);
};
