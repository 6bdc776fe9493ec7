import type { z } from 'zod';
import { logLevels } from '../logging.ts';
import {
  adapterUrl,
  hostName,
  httpUrl,
  modelName,
  modelNames,
  modelPrices,
  oneOf,
  text,
  wholeNumber,
} from './schemas.ts';

/** Who said so: the later overrule the earlier. */
export type Origin = 'default' | 'user file' | 'project file' | 'environment' | 'flag';

/** One thing that can be configured. */
export interface Setting<Schema extends z.ZodType = z.ZodType, Default = unknown> {
  readonly variable: string;
  readonly schema: Schema;
  readonly default: Default;
  /** One line for `config show` and the documentation. */
  readonly description: string;
  readonly secret: boolean;
  /**
   * Whether the file of a project may set it. What decides where keys and code go may not come from there: the file is part of a
   * repository, and whoever wrote the repository would decide.
   */
  readonly inProjectFile: boolean;
}

const open = { secret: false, inProjectFile: true };
const guarded = { secret: false, inProjectFile: false };
const secret = { secret: true, inProjectFile: false };

const setting = <Schema extends z.ZodType, const Default>(
  variable: string,
  schema: Schema,
  standard: Default,
  description: string,
  trust: { readonly secret: boolean; readonly inProjectFile: boolean },
): Setting<Schema, Default> => ({ variable, schema, default: standard, description, ...trust });

/** Everything that can be configured, by its key in a file. A flag is the key in kebab case. */
export const settings = {
  host: setting('PARTITURA_HOST', hostName, '127.0.0.1', 'Address the server listens on.', guarded),
  port: setting(
    'PARTITURA_PORT',
    wholeNumber(0, 65_535),
    4_600,
    'Port the server listens on; 0 takes a free one.',
    open,
  ),
  data: setting(
    'PARTITURA_DATA',
    text,
    './.partitura',
    'Directory of the log and everything derived from it.',
    open,
  ),
  url: setting(
    'PARTITURA_URL',
    httpUrl,
    null,
    'Server that commands talk to; by default the local one.',
    guarded,
  ),
  apiKey: setting('PARTITURA_API_KEY', text, null, 'Key that commands show to the server.', secret),
  auth: setting(
    'PARTITURA_AUTH',
    oneOf(['auto', 'required']),
    'auto',
    'Whether the server asks for keys: always, or on any address but loopback.',
    guarded,
  ),
  eventStoreUrl: setting(
    'PARTITURA_EVENT_STORE_URL',
    adapterUrl('sqlite', 'esdb', 'esdb+discover'),
    'sqlite:',
    'The log.',
    guarded,
  ),
  busUrl: setting(
    'PARTITURA_BUS_URL',
    adapterUrl('local', 'kafka'),
    'local:',
    'What hands events to services.',
    guarded,
  ),
  queueUrl: setting(
    'PARTITURA_QUEUE_URL',
    adapterUrl('local', 'redis', 'rediss'),
    'local:',
    'What hands jobs to workers.',
    guarded,
  ),
  readModelsUrl: setting(
    'PARTITURA_READ_MODELS_URL',
    adapterUrl('sqlite', 'mongodb', 'mongodb+srv'),
    'sqlite:',
    'Where read models are kept.',
    guarded,
  ),
  knowledgeUrl: setting(
    'PARTITURA_KNOWLEDGE_URL',
    adapterUrl('sqlite', 'postgres', 'postgresql'),
    'sqlite:',
    'Where knowledge is searched.',
    guarded,
  ),
  blobsUrl: setting(
    'PARTITURA_BLOBS_URL',
    adapterUrl('file', 's3'),
    'file:',
    'Where prompts, answers and artifacts are kept.',
    guarded,
  ),
  model: setting(
    'PARTITURA_MODEL',
    modelName,
    null,
    'Model that agents ask; without one and without a key, a run rehearses.',
    open,
  ),
  fallbackModels: setting(
    'PARTITURA_FALLBACK_MODELS',
    modelNames,
    [],
    'Models asked in this order when the one before cannot be had.',
    open,
  ),
  modelPrices: setting(
    'PARTITURA_MODEL_PRICES',
    modelPrices,
    [],
    'Prices of models that the table does not know, or that cost something else here.',
    guarded,
  ),
  maxAgents: setting(
    'PARTITURA_MAX_AGENTS',
    wholeNumber(1, 10_000),
    8,
    'Agents of a run that work at once.',
    open,
  ),
  sandbox: setting(
    'PARTITURA_SANDBOX',
    oneOf(['required', 'off']),
    'required',
    'Commands of agents run in a sandbox or not at all; off runs them without one.',
    guarded,
  ),
  logLevel: setting(
    'PARTITURA_LOG_LEVEL',
    oneOf(logLevels),
    'silent',
    'From which level on the program logs to stderr.',
    open,
  ),
  anthropicApiKey: setting('ANTHROPIC_API_KEY', text, null, 'Key for Anthropic.', secret),
  anthropicBaseUrl: setting(
    'ANTHROPIC_BASE_URL',
    httpUrl,
    null,
    'Another endpoint of the Anthropic protocol.',
    guarded,
  ),
  openaiApiKey: setting('OPENAI_API_KEY', text, null, 'Key for OpenAI.', secret),
  openaiBaseUrl: setting(
    'OPENAI_BASE_URL',
    httpUrl,
    null,
    'Another endpoint of the OpenAI protocol.',
    guarded,
  ),
  azureOpenaiApiKey: setting('AZURE_OPENAI_API_KEY', text, null, 'Key for Azure OpenAI.', secret),
  azureOpenaiEndpoint: setting('AZURE_OPENAI_ENDPOINT', httpUrl, null, 'Endpoint of Azure OpenAI.', guarded),
} as const;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];

type ValueOf<Of> =
  Of extends Setting<infer Schema, infer Default>
    ? z.output<Schema> | (Default extends null ? null : never)
    : never;

export type Configuration = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> };
