export { type ConfigurationFiles, configurationFiles } from './files.ts';
export {
  type ConfigurationInput,
  type LoadedConfiguration,
  loadConfiguration,
  type ShownSetting,
} from './load-configuration.ts';
export {
  type Configuration,
  type Origin,
  type Setting,
  type SettingName,
  settingNames,
  settings,
} from './settings.ts';
