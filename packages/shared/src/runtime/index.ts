export { type Backoff, backoffAfter } from './backoff.ts';
export { randomIds, seededRandomness, systemRandomness } from './chance.ts';
export { systemClock } from './clock.ts';
export {
  type Configuration,
  type ConfigurationFiles,
  type ConfigurationInput,
  configurationFiles,
  type LoadedConfiguration,
  loadConfiguration,
  type Origin,
  type Setting,
  type SettingName,
  type ShownSetting,
  settingNames,
  settings,
} from './configuration/index.ts';
export { PartituraError } from './errors.ts';
export { type HealthRegistry, type HealthReport, healthRegistry } from './health.ts';
export {
  type LifecycleOptions,
  onShutdownSignals,
  type RunningComponents,
  runComponents,
  type ShutdownHandlers,
  type SignalSource,
  type StopReport,
} from './lifecycle.ts';
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  logLevels,
  silentLogger,
  withCorrelation,
} from './logging.ts';
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricDeclaration,
  type Metrics,
  noMetrics,
} from './metrics.ts';
export type { Clock, Ids, Randomness } from './ports.ts';
export { type PrometheusMetrics, prometheusMetrics } from './prometheus.ts';
export type { Component, HealthCheck, Service } from './service.ts';
