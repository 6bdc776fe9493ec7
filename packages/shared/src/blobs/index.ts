export { type EmbeddedBlobStoreOptions, openEmbeddedBlobStore } from './embedded-blob-store.ts';
export { BlobError, type BlobErrorCode } from './errors.ts';
export { type FileBlobStoreOptions, openFileBlobStore } from './file-blob-store.ts';
export type { BlobStore } from './port.ts';
export { openS3BlobStore } from './s3/open.ts';
export type { S3BlobStoreOptions } from './s3/options.ts';
export { openSmallBlobStore, type SmallBlobStoreOptions } from './small-blob-store.ts';
