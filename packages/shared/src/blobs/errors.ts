import { PartituraError } from '../runtime/errors.ts';

export type BlobErrorCode =
  | 'BLOB_NOT_FOUND'
  | 'BLOB_CORRUPT'
  | 'BLOB_DISK_FULL'
  | 'BLOB_STORE_READ_ONLY'
  | 'BLOB_STORE_FAILED'
  | 'BLOB_STORE_CLOSED';

export class BlobError extends PartituraError {
  constructor(code: BlobErrorCode, message: string, details: { advice?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'BlobError';
  }
}

export const blobNotFound = (hash: string): BlobError =>
  new BlobError('BLOB_NOT_FOUND', `There is no blob ${hash}.`, {
    advice: 'If an event names it, restore the blobs of the same backup as the log.',
  });

export const blobCorrupt = (hash: string): BlobError =>
  new BlobError('BLOB_CORRUPT', `The blob ${hash} does not have the content that its name is the hash of.`, {
    advice: 'Restore it from a backup; putting the same content again replaces it.',
  });

export const blobStoreClosed = (): BlobError =>
  new BlobError('BLOB_STORE_CLOSED', 'The blob store is closed.');
