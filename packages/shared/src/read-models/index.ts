export { CheckpointError, isCheckpointMoved, QueryError } from './errors.ts';
export { openMongoReadModels } from './mongodb/open.ts';
export type { MongoReadModelsOptions } from './mongodb/options.ts';
export type {
  Build,
  CollectionDefinition,
  Document,
  Page,
  ProjectionWrite,
  Query,
  QueryValue,
  ReadModels,
} from './port.ts';
export { largestPage } from './query-plan.ts';
export { openSqliteReadModels, type SqliteReadModelsOptions } from './sqlite/open-sqlite-read-models.ts';
