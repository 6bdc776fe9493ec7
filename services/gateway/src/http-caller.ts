import { operationPath, type ServiceCredentials } from '@partitura/shared/hosting';
import { type Operation, type OperationName, type OwnerService, operations } from '@partitura/shared/http';
import { type Clock, type HealthCheck, type Logger, PartituraError } from '@partitura/shared/runtime';
import { askForBytes } from './ask-for-bytes.ts';
import { askReplica, KeyRefused, NotAnswered, type Outgoing, outgoing } from './ask-replica.ts';
import type { OperationCaller } from './operation-caller.ts';

export interface HttpCallerOptions {
  /** The replicas of each service, as base URLs. */
  readonly services: Readonly<Partial<Record<OwnerService, readonly string[]>>>;
  /** Those without which the gateway is ready all the same. */
  readonly dispensable?: readonly OwnerService[];
  readonly credentials: ServiceCredentials;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a call looks for a replica that answers. Default 10 s. */
  readonly patienceMs?: number;
  /** How long one replica may take for an answer. Default 30 s. */
  readonly timeoutMs?: number;
  /** Of calls that take or make bytes: how long nothing may be heard of one. Default 60 s. */
  readonly silenceMs?: number;
}

export interface HttpCaller extends OperationCaller {
  /** One for each service that is not dispensable: wrong while no replica of it is ready. */
  readonly health: readonly HealthCheck[];
}

const pauseMs = 100;

/**
 * Owners as processes of their own, called over HTTP. A call goes to the replicas in turn until one answers: reads change nothing,
 * and a command that arrives twice has the same id and is decided on once. So a replica that is restarted costs its callers
 * nothing but time.
 */
export const httpCaller = (options: HttpCallerOptions): HttpCaller => {
  const { services, dispensable = [], credentials, clock, logger } = options;
  const { patienceMs = 10_000, timeoutMs = 30_000, silenceMs = 60_000 } = options;
  const turns = new Map<OwnerService, number>();

  /** The replicas, another one first each time. */
  const replicasOf = (owner: OwnerService): readonly string[] => {
    const replicas = services[owner] ?? [];
    const turn = turns.get(owner) ?? 0;
    turns.set(owner, turn + 1);
    const first = replicas.length === 0 ? 0 : turn % replicas.length;
    return [...replicas.slice(first), ...replicas.slice(0, first)];
  };

  const send = async (url: string, name: OperationName, sent: Outgoing): Promise<unknown> => {
    const { owner, answers }: Operation = operations[name];
    const authorization = await credentials.authorizationFor(owner);
    return sent.isBytes || answers !== undefined
      ? await askForBytes(url, authorization, sent, silenceMs)
      : await askReplica(url, authorization, sent, timeoutMs);
  };

  const ask = async (replica: string, name: OperationName, sent: Outgoing): Promise<unknown> => {
    const { owner } = operations[name];
    const url = `${replica}${operationPath(name)}`;
    try {
      // Bytes are sent once, so not to one that is known not to take them.
      if (sent.isBytes && !(await isReady(replica))) throw new NotAnswered(`${replica} is not ready`);
      return await send(url, name, sent);
    } catch (error) {
      if (error instanceof KeyRefused) throw keyRefused(owner);
      if (error instanceof NotAnswered && sent.isUsed()) throw unreachable(owner, [replica]);
      throw error;
    }
  };

  /** The first answer, or the first error that is one; null when nobody answers. */
  const askEach = async (
    replicas: readonly string[],
    name: OperationName,
    sent: Outgoing,
  ): Promise<{ readonly answer: unknown } | null> => {
    for (const replica of replicas) {
      try {
        return { answer: await ask(replica, name, sent) };
      } catch (error) {
        if (!(error instanceof NotAnswered)) throw error;
        logger.debug({ error, operation: name }, 'a replica did not answer');
      }
    }
    return null;
  };

  const call: OperationCaller['call'] = async (name, input, context) => {
    const { owner } = operations[name];
    const replicas = replicasOf(owner);
    const sent = outgoing({ ...input, context });
    const deadline = clock.now() + patienceMs;
    for (;;) {
      const answered = await askEach(replicas, name, sent);
      if (answered) return answered.answer;
      if (clock.now() + pauseMs > deadline) throw unreachable(owner, replicas);
      await clock.sleep(pauseMs);
    }
  };

  const readiness = (owner: OwnerService, replicas: readonly string[]): HealthCheck => ({
    name: owner,
    check: async () => {
      const answers = replicas.map((replica) => isReady(replica));
      return (await Promise.all(answers)).includes(true) ? null : `no replica of ${owner} is ready`;
    },
  });

  return {
    call,
    health: Object.entries(services).flatMap(([owner, replicas]) =>
      dispensable.some((one) => one === owner) ? [] : [readiness(owner as OwnerService, replicas)],
    ),
  };
};

const isReady = async (replica: string): Promise<boolean> => {
  const response = await fetch(`${replica}/health/ready`, { signal: AbortSignal.timeout(1_500) }).catch(
    () => null,
  );
  await response?.body?.cancel();
  return response?.ok ?? false;
};

const keyRefused = (owner: OwnerService): PartituraError =>
  new PartituraError('SERVICE_KEY_REFUSED', `The ${owner} does not know this gateway’s key.`, {
    advice: 'Give all services the same PARTITURA_SERVICE_KEY, and machines the same time.',
  });

const unreachable = (owner: OwnerService, replicas: readonly string[]): PartituraError =>
  new PartituraError('SERVICE_UNREACHABLE', `No replica of ${owner} answers (${replicas.join(', ')}).`, {
    advice: 'Ask again in a moment; what was asked may or may not have been done.',
  });
