import { blobStoreContract } from './blob-store-contract.ts';
import { memoryBlobStore } from './memory-blob-store.ts';

blobStoreContract('memory', async () => ({ store: memoryBlobStore(), remove: async () => undefined }));
