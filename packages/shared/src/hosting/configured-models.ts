import { type ModelDirectory, modelConfiguration, modelDirectory } from '../models/index.ts';
import { type Configuration, systemClock, systemRandomness } from '../runtime/index.ts';

/** The models that the configuration has keys for, and the rehearsal. Nobody is asked anything yet. */
export const configuredModels = (configuration: Configuration): ModelDirectory =>
  modelDirectory({
    clock: systemClock,
    randomness: systemRandomness,
    configuration: modelConfiguration.parse({
      model: configuration.model,
      fallbacks: configuration.fallbackModels,
      anthropic: { apiKey: configuration.anthropicApiKey, baseUrl: configuration.anthropicBaseUrl },
      openai: { apiKey: configuration.openaiApiKey, baseUrl: configuration.openaiBaseUrl },
      azure: { apiKey: configuration.azureOpenaiApiKey, endpoint: configuration.azureOpenaiEndpoint },
    }),
  });
