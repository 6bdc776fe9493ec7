import type { Host } from './host.ts';

/** What a run is given where nobody says otherwise. */
export const runDefaults = ({ configuration, models }: Pick<Host, 'configuration' | 'models'>) => ({
  model: models.defaultModel(),
  fallbackModels: configuration.fallbackModels,
  maxAgents: configuration.maxAgents,
  sandbox: configuration.sandbox,
});
