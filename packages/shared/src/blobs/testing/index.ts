export { type BlobStoreUnderTest, blobStoreContract } from './blob-store-contract.ts';
export { memoryBlobStore } from './memory-blob-store.ts';
