import type { LoadedConfiguration } from '@partitura/shared/runtime';

/**
 * Asked before anything is made: whether the model that the run would use is there.
 * @throws {PartituraError} `MODEL_NOT_FOUND`, `MODEL_NOT_CONFIGURED`, `MODEL_PRICE_UNKNOWN`
 */
export const requireModel = async ({ values }: LoadedConfiguration): Promise<void> => {
  // Another server has its own keys, and says itself what it lacks.
  if (values.url !== null) return;
  const { configuredModels } = await import('@partitura/shared/hosting');
  const models = configuredModels(values);
  models.resolve(values.model ?? models.defaultModel());
};
