import { join, resolve } from 'node:path';

export interface DataPaths {
  readonly events: string;
  readonly checkpoints: string;
  readonly readModels: string;
  readonly knowledge: string;
  readonly blobs: string;
}

interface Urls {
  readonly eventStoreUrl: string;
  readonly readModelsUrl: string;
  readonly knowledgeUrl: string;
  readonly blobsUrl: string;
}

/** `sqlite:/var/lib/events.db` names a file; `sqlite:` alone is the usual place in the data directory. */
const named = (url: string, usual: string): string => {
  const path = url.slice(url.indexOf(':') + 1).replace(/^\/\/(?=\/)/, '');
  return path === '' ? usual : resolve(path);
};

/** Where the embedded profile keeps what. Only the events and the blobs are the truth; the rest comes back from them. */
export const dataPaths = (data: string, urls: Urls): DataPaths => ({
  events: named(urls.eventStoreUrl, join(data, 'events.db')),
  checkpoints: join(data, 'checkpoints.db'),
  readModels: named(urls.readModelsUrl, join(data, 'read-models.db')),
  knowledge: named(urls.knowledgeUrl, join(data, 'knowledge.db')),
  blobs: named(urls.blobsUrl, join(data, 'blobs')),
});
