import type { z } from 'zod';
import { logLevels } from '../logging.ts';
import {
  adapterUrl,
  fingerprints,
  hostName,
  httpUrl,
  issuerUrl,
  modelName,
  modelNames,
  modelPrices,
  networkPlaces,
  oneOf,
  secretKey,
  serviceKey,
  serviceUrls,
  signingKey,
  text,
  webOrigins,
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
  /** A URL that may have a password in it. */
  readonly credentials: boolean;
  /**
   * Whether the file of a project may set it. What decides where keys and code go may not come from there: the file is part of a
   * repository, and whoever wrote the repository would decide.
   */
  readonly inProjectFile: boolean;
}

interface Trust {
  readonly secret: boolean;
  readonly credentials: boolean;
  readonly inProjectFile: boolean;
}

const open: Trust = { secret: false, credentials: false, inProjectFile: true };
const guarded: Trust = { secret: false, credentials: false, inProjectFile: false };
const engine: Trust = { secret: false, credentials: true, inProjectFile: false };
const secret: Trust = { secret: true, credentials: false, inProjectFile: false };

const setting = <Schema extends z.ZodType, const Default>(
  variable: string,
  schema: Schema,
  standard: Default,
  description: string,
  trust: Trust,
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
  oidcIssuer: setting(
    'PARTITURA_OIDC_ISSUER',
    issuerUrl,
    null,
    'Identity provider whose bearer tokens the server takes, exactly as their iss claim names it.',
    guarded,
  ),
  oidcAudience: setting(
    'PARTITURA_OIDC_AUDIENCE',
    text,
    null,
    'What the aud claim of a token has to name; needed with an issuer.',
    guarded,
  ),
  oidcJwksUrl: setting(
    'PARTITURA_OIDC_JWKS_URL',
    issuerUrl,
    null,
    'Where the issuer’s keys are; by default as its discovery document says.',
    guarded,
  ),
  oidcOrganizationClaim: setting(
    'PARTITURA_OIDC_ORGANIZATION_CLAIM',
    text,
    null,
    'Claim that names the organization of a token that comes without Partitura-Organization.',
    guarded,
  ),
  corsOrigins: setting(
    'PARTITURA_CORS_ORIGINS',
    webOrigins,
    [],
    'Sites whose pages may ask the server from a browser; separated by commas. By default none.',
    guarded,
  ),
  eventStoreUrl: setting(
    'PARTITURA_EVENT_STORE_URL',
    adapterUrl('sqlite', 'esdb', 'esdb+discover'),
    'sqlite:',
    'The log.',
    engine,
  ),
  busUrl: setting(
    'PARTITURA_BUS_URL',
    adapterUrl('local', 'kafka'),
    'local:',
    'What hands events to services.',
    engine,
  ),
  queueUrl: setting(
    'PARTITURA_QUEUE_URL',
    adapterUrl('local', 'redis', 'rediss'),
    'local:',
    'What hands jobs to workers.',
    engine,
  ),
  readModelsUrl: setting(
    'PARTITURA_READ_MODELS_URL',
    adapterUrl('sqlite', 'mongodb', 'mongodb+srv'),
    'sqlite:',
    'Where read models are kept.',
    engine,
  ),
  knowledgeUrl: setting(
    'PARTITURA_KNOWLEDGE_URL',
    adapterUrl('sqlite', 'postgres', 'postgresql'),
    'sqlite:',
    'Where knowledge is searched.',
    engine,
  ),
  blobsUrl: setting(
    'PARTITURA_BLOBS_URL',
    adapterUrl('file', 's3'),
    'file:',
    'Where prompts, answers and artifacts are kept.',
    engine,
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
  serviceKey: setting(
    'PARTITURA_SERVICE_KEY',
    serviceKey,
    null,
    'What services that run as processes of their own prove themselves to each other with.',
    secret,
  ),
  orchestratorServiceUrl: setting(
    'PARTITURA_ORCHESTRATOR_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4601'],
    'Where the gateway reaches the orchestrator; several replicas are separated by commas.',
    guarded,
  ),
  plannerServiceUrl: setting(
    'PARTITURA_PLANNER_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4602'],
    'Where the gateway reaches the planner.',
    guarded,
  ),
  agentRunnerServiceUrl: setting(
    'PARTITURA_AGENT_RUNNER_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4603'],
    'Where the gateway reaches the agent runners.',
    guarded,
  ),
  knowledgeServiceUrl: setting(
    'PARTITURA_KNOWLEDGE_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4604'],
    'Where the gateway reaches the knowledge service.',
    guarded,
  ),
  projectionsServiceUrl: setting(
    'PARTITURA_PROJECTIONS_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4605'],
    'Where the gateway reaches the projections.',
    guarded,
  ),
  notifierServiceUrl: setting(
    'PARTITURA_NOTIFIER_SERVICE_URL',
    serviceUrls,
    ['http://127.0.0.1:4607'],
    'Where the gateway reaches the notifier.',
    guarded,
  ),
  secretKey: setting(
    'PARTITURA_SECRET_KEY',
    secretKey,
    null,
    'What secrets in the log are sealed with; by default made once, in the data directory.',
    secret,
  ),
  previousSecretKey: setting(
    'PARTITURA_PREVIOUS_SECRET_KEY',
    secretKey,
    null,
    'The one before it: opens what was sealed then.',
    secret,
  ),
  signingKey: setting(
    'PARTITURA_SIGNING_KEY',
    signingKey,
    null,
    'What seals of the log and bundles are signed with; by default made once, in the data directory.',
    secret,
  ),
  trustedKeys: setting(
    'PARTITURA_TRUSTED_KEYS',
    fingerprints,
    [],
    'Fingerprints of other keys whose seals and bundles are good here: an earlier key, another installation’s.',
    guarded,
  ),
  webhookAllow: setting(
    'PARTITURA_WEBHOOK_ALLOW',
    networkPlaces,
    [],
    'Hosts, addresses and networks that webhooks may go to although they are not public.',
    guarded,
  ),
  githubWebhookSecret: setting(
    'PARTITURA_GITHUB_WEBHOOK_SECRET',
    text,
    null,
    'What GitHub signs the CI results with that it sends to /hooks/github.',
    secret,
  ),
  gitlabWebhookSecret: setting(
    'PARTITURA_GITLAB_WEBHOOK_SECRET',
    text,
    null,
    'What GitLab shows with the CI results that it sends to /hooks/gitlab.',
    secret,
  ),
  runnerConcurrency: setting(
    'PARTITURA_RUNNER_CONCURRENCY',
    wholeNumber(1, 10_000),
    null,
    'Attempts that one runner works on at once, over all runs; by default 64 in a process of its own.',
    guarded,
  ),
  engineStartSeconds: setting(
    'PARTITURA_ENGINE_START_SECONDS',
    wholeNumber(0, 3_600),
    60,
    'How long a service that starts waits for each of its engines.',
    guarded,
  ),
  drainSeconds: setting(
    'PARTITURA_DRAIN_SECONDS',
    wholeNumber(0, 3_600),
    20,
    'How long a service that is asked to end finishes what it has in hand.',
    guarded,
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
