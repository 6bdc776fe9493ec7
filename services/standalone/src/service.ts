export { configuredModels } from './configured-models.ts';
export { type DataPaths, dataPaths } from './data-paths.ts';
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts';
