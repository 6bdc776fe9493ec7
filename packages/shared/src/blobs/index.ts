export { BlobError, type BlobErrorCode } from './errors.ts';
export { type FileBlobStoreOptions, openFileBlobStore } from './file-blob-store.ts';
export type { BlobStore } from './port.ts';
