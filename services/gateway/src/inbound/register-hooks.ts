import { createHash } from 'node:crypto';
import type { CallContext } from '@partitura/shared/http';
import { type Configuration, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { OperationCaller } from '../operation-caller.ts';
import { type CiReport, subjectOf } from './ci-report.ts';
import { githubReports, isSignedByGithub } from './github.ts';
import { gitlabReports, isFromGitlab } from './gitlab.ts';

export interface HookSecrets {
  readonly github: string | null;
  readonly gitlab: string | null;
}

export const hookSecrets = ({
  githubWebhookSecret: github,
  gitlabWebhookSecret: gitlab,
}: Pick<Configuration, 'githubWebhookSecret' | 'gitlabWebhookSecret'>): HookSecrets => ({ github, gitlab });

export interface HookOptions {
  readonly caller: OperationCaller;
  readonly secrets: HookSecrets;
  readonly logger: Logger;
}

/** Bytes: lists of jobs are long, and nothing else of it is read. */
const bodyLimit = 5 * 1024 * 1024;

interface Source {
  readonly provider: string;
  readonly secret: string | null;
  readonly isGenuine: (request: FastifyRequest, body: Buffer, secret: string) => boolean;
  readonly reports: (request: FastifyRequest, payload: unknown) => readonly CiReport[];
}

/**
 * What CI systems call. Each proves itself by the secret it was given; one that there is no secret for has no door. What they say of
 * branches that we pushed is told to the run; what they send twice is recorded once.
 */
export const registerHooks = async (app: FastifyInstance, options: HookOptions): Promise<void> => {
  const { github, gitlab } = options.secrets;
  const sources: readonly Source[] = [
    {
      provider: 'github',
      secret: github,
      isGenuine: (request, body, secret) =>
        isSignedByGithub(body, headerOf(request, 'x-hub-signature-256'), secret),
      reports: (request, payload) => githubReports(headerOf(request, 'x-github-event'), payload),
    },
    {
      provider: 'gitlab',
      secret: gitlab,
      isGenuine: (request, _, secret) => isFromGitlab(headerOf(request, 'x-gitlab-token'), secret),
      reports: (_, payload) => gitlabReports(payload),
    },
  ];
  const doors: FastifyPluginAsync = async (hooks) => {
    // A signature is of the bytes as they came.
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) =>
      done(null, body),
    );
    for (const source of sources) if (source.secret !== null) registerSource(hooks, source, options);
  };
  await app.register(doors);
};

const registerSource = (app: FastifyInstance, source: Source, options: HookOptions): void => {
  const { provider, secret } = source;
  app.post(`/hooks/${provider}`, { bodyLimit, schema: { hide: true } }, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (secret === null || !source.isGenuine(request, body, secret))
      throw new PartituraError('SIGNATURE_REFUSED', 'This was not sent by who knows the secret.', {
        advice: `Give the webhook the secret that PARTITURA_${provider.toUpperCase()}_WEBHOOK_SECRET names.`,
      });
    const reports = source.reports(request, parsed(body));
    const fingerprint = createHash('sha256').update(body).digest('hex');
    const reported: string[] = [];
    for (const [index, one] of reports.entries()) {
      const runId = await tell(options, provider, one, {
        commandId: `ci/${provider}/${fingerprint}/${index}`,
        correlationId: request.id,
      });
      if (runId !== null) reported.push(runId);
    }
    return reply.code(202).send({ reported });
  });
};

/** Resolves to the run; null when the branch is none of ours. */
const tell = async (
  { caller, logger }: HookOptions,
  provider: string,
  { branch, ...result }: CiReport,
  ids: Pick<CallContext, 'commandId' | 'correlationId'>,
): Promise<string | null> => {
  const subject = subjectOf(branch);
  if (subject === null) return null;
  const { runId, taskId } = subject;
  const context = { ...ids, actor: `service:${provider}`, organizationId: null, expectedRevision: null };
  const body = { provider, branch, taskId, ...result };
  try {
    await caller.call('reportCiResult', { params: { id: runId }, query: {}, body }, context);
    return runId;
  } catch (error) {
    // Another installation may push to the same repository.
    if (!isNotOurs(error)) throw error;
    logger.info({ branch, provider }, 'a CI result is of a run that is not known here');
    return null;
  }
};

const isNotOurs = (error: unknown): boolean =>
  error instanceof PartituraError && ['RUN_NOT_FOUND', 'TASK_NOT_FOUND'].includes(error.code);

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new PartituraError('MALFORMED_JSON', 'The body is not JSON.', { cause: error });
  }
};

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
