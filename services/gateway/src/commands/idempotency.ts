import { canonicalJson, sha256 } from '@partitura/shared/canonical';
import { type EventStore, isRevisionConflict } from '@partitura/shared/event-store';
import {
  type CommandEvent,
  type OrganizationId,
  type StreamName,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { type Clock, type Ids, type Logger, PartituraError } from '@partitura/shared/runtime';
import { knownError, statusOf } from '../errors.ts';
import { type KeyUse, readKeyUse } from './command-stream.ts';

/** A command that came with a key. */
export interface KeyedCommand {
  readonly key: string;
  readonly actor: string;
  readonly organizationId: OrganizationId | null;
  readonly operation: string;
  /** Of success. */
  readonly status: number;
  readonly params: unknown;
  readonly body: unknown;
  readonly correlationId: string;
  /** What of the answer may be kept: without its secret. */
  readonly keep: (answer: unknown) => unknown;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The same key of the same caller for the same operation on the same thing gets the first answer for a day, in every replica and
 * after a restart; see decision 0012.
 */
export interface Idempotency {
  /** @throws {PartituraError} `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_IN_PROGRESS`, and whatever the work throws */
  once(command: KeyedCommand, work: (commandId: string) => Promise<unknown>): Promise<Answered>;
}

export interface IdempotencyOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

const keptMs = 24 * 3_600_000;
/** After that who began it is taken for dead. Doing it a second time beside one that only was slow is harmless: its id is the same. */
const longestWorkMs = 30_000;
const mostKeptCharacters = 64 * 1024;

type Claim = Pick<KeyUse, 'commandId' | 'fingerprint' | 'revision'>;
type Begun = { readonly claim: Claim } | { readonly answered: Answered };

export const idempotency = ({ store, clock, ids, logger }: IdempotencyOptions): Idempotency => {
  const append = async (command: KeyedCommand, event: CommandEvent, expected: number | 'no_stream') => {
    const { actor, organizationId, correlationId } = command;
    const toAppend = {
      // Of its own: two that claim one key must not be taken for one that claims it twice.
      id: ids.next('e'),
      ...event,
      version: versionOf(event.type),
      time: new Date(clock.now()).toISOString(),
      metadata: {
        source: '/gateway',
        actor,
        correlationId,
        causationId: null,
        ...(organizationId === null ? {} : { organizationId }),
      },
    };
    return store.append(streamOf(command), [toAppend], expected);
  };

  const claim = async (command: KeyedCommand, claimed: Omit<Claim, 'revision'>, last: number | null) => {
    const { operation } = command;
    const event = { type: 'command.claimed' as const, data: { ...claimed, operation } };
    const { revision } = await append(command, event, last ?? 'no_stream');
    return { ...claimed, revision };
  };

  /** The claim, or the answer that is there already; null when another came between. */
  const claimAfter = async (
    command: KeyedCommand,
    fingerprint: string,
    use: KeyUse | null,
  ): Promise<Begun | null> => {
    const answered = use && answerOf(use, fingerprint, clock.now());
    if (answered) return { answered };
    const commandId = commandIdAfter(command, use, clock.now());
    const taken = await claim(command, { fingerprint, commandId }, use?.revision ?? null).catch(unlessTaken);
    return taken && { claim: taken };
  };

  /** Most keys are new: whether one is, the append finds out. */
  const begin = async (command: KeyedCommand): Promise<Begun> => {
    const fingerprint = sha256(canonicalJson(command.body ?? null));
    let begun = await claimAfter(command, fingerprint, null);
    while (!begun) begun = await claimAfter(command, fingerprint, await readKeyUse(store, streamOf(command)));
    return begun;
  };

  /** What cannot be kept is no reason not to answer: done again, the command finds itself done. */
  const finish = async (command: KeyedCommand, { revision }: Claim, event: CommandEvent): Promise<void> => {
    await append(command, event, revision).catch((error: unknown) => {
      if (!isRevisionConflict(error)) logger.warn({ error }, 'the answer to a keyed command was not kept');
    });
  };

  return {
    once: async (command, work) => {
      const begun = await begin(command);
      if ('answered' in begun) return begun.answered;
      try {
        const body = await work(begun.claim.commandId);
        await finish(command, begun.claim, answeredWith(command, body));
        return { status: command.status, body };
      } catch (error) {
        await finish(command, begun.claim, releasedBy(error));
        throw error;
      }
    },
  };
};

const unlessTaken = (error: unknown): null => {
  if (isRevisionConflict(error)) return null;
  throw error;
};

/**
 * The first answer; null when the command is to be done.
 * @throws {PartituraError} `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_IN_PROGRESS`
 */
const answerOf = (use: KeyUse, fingerprint: string, now: number): Answered | null => {
  const { state } = use;
  if (isOver(use, now) || state.kind === 'refused') return null;
  if (use.fingerprint !== fingerprint)
    throw new PartituraError(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key came with another body before.',
      { advice: 'Use a new key for another command.' },
    );
  if (state.kind === 'working' && now < use.claimedAt + longestWorkMs)
    throw new PartituraError(
      'IDEMPOTENCY_IN_PROGRESS',
      'The first request with this Idempotency-Key is still at work.',
      { advice: 'Ask again in a moment, with the same key.' },
    );
  return state.kind === 'answered' && state.answer ? { status: state.status, body: state.answer.body } : null;
};

const isOver = ({ claimedAt }: KeyUse, now: number): boolean => now >= claimedAt + keptMs;

/** The same id, so that what was done is not done twice; another one for another command, a day later or after a refusal. */
const commandIdAfter = (command: KeyedCommand, use: KeyUse | null, now: number): string => {
  if (use && !isOver(use, now) && use.state.kind !== 'refused') return use.commandId;
  return `c_${idOf(command)}${use ? `.${use.revision}` : ''}`;
};

const answeredWith = (command: KeyedCommand, body: unknown): CommandEvent => {
  const kept = command.keep(body) ?? null;
  const small = JSON.stringify(kept).length <= mostKeptCharacters;
  return {
    type: 'command.answered',
    data: { status: command.status, answer: small ? { body: kept } : null },
  };
};

/** A refusal says that nothing happened. Of anything else nobody knows. */
const releasedBy = (error: unknown): CommandEvent => {
  const known = knownError(error);
  const refused = known !== null && statusOf(known.code) < 500;
  return {
    type: 'command.released',
    data: { outcome: refused ? 'refused' : 'unknown', code: known?.code ?? 'INTERNAL_ERROR' },
  };
};

const streamOf = (command: KeyedCommand): StreamName => streamName('command', idOf(command));

const idOf = ({ actor, organizationId, operation, params, key }: KeyedCommand): string =>
  sha256(canonicalJson([actor, organizationId, operation, params, key])).slice(0, 32);
