export { configuredModels } from './configured-models.ts';
export { type DataPaths, dataPaths } from './data-paths.ts';
export {
  openBlobStore,
  openEventBus,
  openEventOutlet,
  openEventStore,
  openJobQueue,
  openKnowledgeIndex,
  openReadModels,
} from './engines.ts';
export { createHost, type Host, type HostOptions } from './host.ts';
export { type InstallationSecrets, installationSecrets } from './installation-secrets.ts';
export { installationSigning, trustedFingerprints } from './installation-signing.ts';
export { isLocal } from './local-engine.ts';
export { type EarlyServer, earlyServer, listenError } from './process/early-server.ts';
export { type HealthRoutes, type RenderedMetrics, registerHealth } from './process/health-routes.ts';
export { type ProcessHost, runProcess } from './process/run-process.ts';
export { programVersion } from './program-version.ts';
export { runDefaults } from './run-defaults.ts';
export {
  answerHeader,
  byteAnswerFrom,
  bytesType,
  callHeader,
  callHeadOf,
} from './service/byte-wire.ts';
export { requireServiceKey, type ServiceCredentials, serviceCredentials } from './service/credentials.ts';
export { type OperationServerOptions, operationServer } from './service/operation-server.ts';
export { runService, type ServiceProcess } from './service/run-service.ts';
export {
  errorOf,
  type OperationCall,
  operationFailure,
  operationPath,
  refusedStatus,
} from './service/wire.ts';
