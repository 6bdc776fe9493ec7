import type { Clock, Randomness } from '../../runtime/ports.ts';
import { anthropicModel } from '../anthropic/index.ts';
import { ModelError } from '../errors.ts';
import { parseModelName } from '../model-name.ts';
import { azureModel, compatibleModel, openAiModel } from '../openai/index.ts';
import type { ChatModel } from '../port.ts';
import { type PriceTable, priceTable } from '../prices/index.ts';
import { rehearsalModel } from '../rehearsal/index.ts';
import { type NamedModel, resilient, withFallback } from '../resilience/index.ts';
import type { ModelConfiguration } from './configuration.ts';
import { nearest } from './nearest.ts';

export interface ProviderStatus {
  readonly provider: string;
  readonly configured: boolean;
  /** The variable that configures it. */
  readonly variable: string | null;
  /** `provider/model`, those with a price. */
  readonly models: readonly string[];
}

export interface ModelDirectory {
  readonly prices: PriceTable;
  /**
   * The model of that name, with the configured fall-backs behind it.
   * @throws {ModelError} `MODEL_NOT_FOUND`, `MODEL_NOT_CONFIGURED`, `MODEL_PRICE_UNKNOWN`
   */
  resolve(name: string): ChatModel;
  available(): readonly ProviderStatus[];
  /**
   * What is used when nobody says: the configured model; else that of the provider whose key is there; else the rehearsal.
   * @throws {ModelError} `MODEL_NOT_CONFIGURED` when there is a key, but no telling which model it is for
   */
  defaultModel(): string;
}

export const rehearsalName = 'rehearsal/rehearsal';

interface Provider {
  readonly variable: string | null;
  readonly defaultModel: string | null;
  /** Whether any model may be asked for that has a price; else only what the table lists. */
  readonly open: boolean;
  /** Null when its key is missing. */
  readonly model: ChatModel | null;
}

export interface DirectoryDependencies {
  readonly configuration: ModelConfiguration;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

const providersOf = (
  dependencies: DirectoryDependencies,
  prices: PriceTable,
): ReadonlyMap<string, Provider> => {
  const { anthropic, openai, azure, rehearsalSeed } = dependencies.configuration;
  const steady = (model: ChatModel | null): ChatModel | null =>
    model === null ? null : resilient(model, dependencies);
  return new Map<string, Provider>([
    [
      'anthropic',
      {
        variable: 'ANTHROPIC_API_KEY',
        defaultModel: 'anthropic/claude-sonnet-5-5',
        open: false,
        model: steady(
          anthropic.apiKey === null
            ? null
            : anthropicModel({ apiKey: anthropic.apiKey, baseUrl: anthropic.baseUrl, prices }),
        ),
      },
    ],
    [
      'openai',
      {
        variable: 'OPENAI_API_KEY',
        defaultModel: 'openai/gpt-6-sol',
        open: false,
        model: steady(
          openai.apiKey === null
            ? null
            : openAiModel({ apiKey: openai.apiKey, baseUrl: openai.baseUrl, prices }),
        ),
      },
    ],
    [
      'azure',
      {
        variable: azure.apiKey === null ? 'AZURE_OPENAI_API_KEY' : 'AZURE_OPENAI_ENDPOINT',
        defaultModel: null,
        open: true,
        model: steady(
          azure.apiKey === null || azure.endpoint === null
            ? null
            : azureModel({
                apiKey: azure.apiKey,
                endpoint: azure.endpoint,
                apiVersion: azure.apiVersion,
                prices,
              }),
        ),
      },
    ],
    [
      'openai-compatible',
      {
        variable: 'OPENAI_BASE_URL',
        defaultModel: null,
        open: true,
        model: steady(
          openai.baseUrl === null
            ? null
            : compatibleModel({ baseUrl: openai.baseUrl, apiKey: openai.apiKey, prices }),
        ),
      },
    ],
    [
      'rehearsal',
      {
        variable: null,
        defaultModel: rehearsalName,
        open: false,
        model: rehearsalModel({ seed: rehearsalSeed }),
      },
    ],
  ]);
};

/** Who leaves the provider out means the model's own name. */
const didYouMean = (name: string, names: readonly string[]): string => {
  const comparable = (full: string): string => (name.includes('/') ? full : parseModelName(full).model);
  const near = nearest(name, names.map(comparable));
  const meant = near === null ? null : (names.find((full) => comparable(full) === near) ?? null);
  return meant === null ? '' : `Did you mean "${meant}"? `;
};

/** All models that can be asked for, by name. */
export const modelDirectory = (dependencies: DirectoryDependencies): ModelDirectory => {
  const { configuration } = dependencies;
  const prices = priceTable(configuration.prices);
  const providers = providersOf(dependencies, prices);
  const modelsOf = (provider: string): readonly string[] =>
    prices.models.filter((model) => parseModelName(model).provider === provider);

  const notFound = (name: string, message: string, candidates: readonly string[]): ModelError =>
    new ModelError('MODEL_NOT_FOUND', message, {
      provider: parseModelName(name).provider,
      model: name,
      advice: `${didYouMean(name, candidates)}There is: ${candidates.join(', ')}.`,
    });

  const providerOf = (name: string): Provider => {
    const provider = providers.get(parseModelName(name).provider);
    if (provider !== undefined) return provider;
    const names = [...providers.keys()];
    const message = name.includes('/')
      ? `There is no provider "${parseModelName(name).provider}" (of the model "${name}").`
      : `"${name}" is not the name of a model: it has to be provider/model.`;
    throw notFound(name, message, name.includes('/') ? names.map((known) => `${known}/…`) : prices.models);
  };

  const resolveOne = (name: string): ChatModel => {
    const { model, variable, open } = providerOf(name);
    const { provider, model: own } = parseModelName(name);
    if (own === '' || (!open && prices.priceOf(name) === null)) {
      throw notFound(
        name,
        `"${provider}" has no model "${own}" that a price is known for.`,
        modelsOf(provider),
      );
    }
    if (model === null) {
      throw new ModelError(
        'MODEL_NOT_CONFIGURED',
        `The model "${name}" cannot be asked: ${variable} is not set.`,
        {
          provider,
          model: name,
          advice: `Set ${variable}, or take another model; ${rehearsalName} needs no key.`,
        },
      );
    }
    prices.requirePrice(name);
    return model;
  };

  /** A fall-back without its key is left out: it is there for those who have it. */
  const fallbacksFor = (name: string): readonly NamedModel[] =>
    configuration.fallbacks
      .filter((other) => other !== name && providerOf(other).model !== null)
      .map((other) => ({ name: other, model: resolveOne(other) }));

  return {
    prices,
    resolve: (name) => {
      const model = resolveOne(name);
      const others = name === rehearsalName ? [] : fallbacksFor(name);
      return others.length === 0 ? model : withFallback([{ name, model }, ...others]);
    },
    available: () =>
      [...providers].map(([provider, { model, variable }]) => ({
        provider,
        configured: model !== null,
        variable,
        models: modelsOf(provider),
      })),
    defaultModel: () => {
      if (configuration.model !== null) return configuration.model;
      const configured = [...providers].filter(([name, { model }]) => model !== null && name !== 'rehearsal');
      for (const [, { defaultModel }] of configured) if (defaultModel !== null) return defaultModel;
      if (!configured.some(([name]) => name === 'azure')) return rehearsalName;
      throw new ModelError(
        'MODEL_NOT_CONFIGURED',
        'Azure is configured, but not which of its deployments to ask.',
        {
          provider: 'azure',
          model: '',
          advice: 'Set PARTITURA_MODEL=azure/<deployment>.',
        },
      );
    },
  };
};
