export { configuredModels } from './configured-models.ts';
export { type DataPaths, dataPaths } from './data-paths.ts';
export { probeSandbox, type SandboxProbe } from './probe-sandbox.ts';
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts';
