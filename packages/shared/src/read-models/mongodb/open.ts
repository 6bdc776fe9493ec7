import type { ReadModels } from '../port.ts';
import type { MongoReadModelsOptions } from './options.ts';

/**
 * Read models on MongoDB 6 or newer, or a server that speaks its protocol, shared by any number of processes. The client is
 * loaded here, not with the port.
 * @throws {ReadModelsError} `READ_MODELS_URL_INVALID`, `READ_MODELS_UNREACHABLE`, `READ_MODELS_CREDENTIALS_REFUSED`,
 * `READ_MODELS_RIGHTS_MISSING`, `READ_MODELS_TLS_FAILED`, `READ_MODELS_VERSION_UNSUPPORTED`
 */
export const openMongoReadModels = async (options: MongoReadModelsOptions): Promise<ReadModels> => {
  const { connectReadModels } = await import('./mongo-read-models.ts');
  return connectReadModels(options);
};
