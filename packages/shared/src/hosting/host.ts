import { createRedactor, type Redactor } from '../events/index.ts';
import { type Embedder, featureHashingEmbedder, type ModelDirectory } from '../models/index.ts';
import {
  type Clock,
  type Configuration,
  type Ids,
  type LoadedConfiguration,
  type Logger,
  type PrometheusMetrics,
  prometheusMetrics,
  type Randomness,
  randomIds,
  systemClock,
  systemRandomness,
} from '../runtime/index.ts';
import { type KeyRing, keyRing, openingModels, sealingRedactor } from '../subject-keys/index.ts';
import { configuredModels } from './configured-models.ts';
import type { DataPaths } from './data-paths.ts';
import { type EngineChecks, engineChecks } from './engine-checks.ts';
import { type OpenResources, openResources } from './open-resources.ts';
import { type RunOwners, runOwners } from './run-owners.ts';

/** What a process has to offer whatever runs in it, before any engine is opened. */
export interface Host {
  readonly configuration: Configuration;
  /**
   * Where engines of this process alone keep what they have; null where the engines are shared with other processes, so that
   * `sqlite:`, `local:` and `file:` would each be something else in each of them.
   */
  readonly paths: DataPaths | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
  /** Takes secrets out of what is kept, and seals what subjects are known by. */
  readonly redactor: Redactor;
  /** Empty until the log is opened, which opens the keys before. */
  readonly subjects: KeyRing;
  readonly owners: RunOwners;
  readonly embedder: Embedder;
  readonly models: ModelDirectory;
  readonly opened: OpenResources;
  /** Of what `open…` has opened. */
  readonly engines: EngineChecks;
}

export interface HostOptions {
  readonly configuration: Pick<LoadedConfiguration, 'values' | 'secrets'>;
  readonly paths: DataPaths | null;
  readonly logger: Logger;
}

const embeddingDimensions = 256;

export const createHost = ({ configuration, paths, logger }: HostOptions): Host => {
  const subjects = keyRing();
  return { ...hostWith(subjects, { configuration, paths, logger }), subjects };
};

const hostWith = (
  subjects: KeyRing,
  { configuration, paths, logger }: HostOptions,
): Omit<Host, 'subjects'> => ({
  configuration: configuration.values,
  paths,
  clock: systemClock,
  ids: randomIds(),
  randomness: systemRandomness,
  logger,
  metrics: prometheusMetrics(),
  redactor: sealingRedactor(createRedactor({ secrets: configuration.secrets }), subjects),
  owners: runOwners(),
  embedder: featureHashingEmbedder({ dimensions: embeddingDimensions }),
  models: openingModels(configuredModels(configuration.values), subjects),
  opened: openResources(),
  engines: engineChecks(),
});
