export {
  type ModelConfiguration,
  type ModelConfigurationInput,
  modelConfiguration,
  modelConfigurationFrom,
  modelVariables,
} from './configuration.ts';
export {
  type DirectoryDependencies,
  type ModelDirectory,
  modelDirectory,
  type ProviderStatus,
  rehearsalName,
} from './model-directory.ts';
