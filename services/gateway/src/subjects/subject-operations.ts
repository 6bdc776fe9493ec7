import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  type AuditEvent,
  defaultOrganization,
  type OrganizationId,
  type Position,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { CallContext, OperationHandlers, SubjectResource } from '@partitura/shared/http';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import { type ErasedSubject, isErased, type KeyRing, type Subject } from '@partitura/shared/subject-keys';
import { pageFrom } from '../identity/operations/pages.ts';
import { occurrencesOf, type Recorded } from './occurrences.ts';

export interface SubjectDependencies extends Recorded {
  readonly subjects: KeyRing;
  readonly clock: Clock;
}

type Handlers = Pick<OperationHandlers, 'declareSubject' | 'listSubjects' | 'getSubject' | 'eraseSubject'>;

/** Whose data can be erased, and the erasing. The key goes first, then the log says so: erased again after a crash, it says it then. */
export const subjectHandlers = (dependencies: SubjectDependencies): Handlers => {
  const { subjects, store, clock } = dependencies;

  const tell = async (
    { id, organizationId }: Subject | ErasedSubject,
    event: AuditEvent,
    { actor, correlationId, commandId }: CallContext,
  ): Promise<Position> => {
    const metadata = { source: '/gateway', actor, correlationId, causationId: commandId, organizationId };
    const time = new Date(clock.now()).toISOString();
    const toAppend = { id: `${id}.${event.type}`, ...event, version: versionOf(event.type), time, metadata };
    const { position } = await store.append(streamName('audit', organizationId), [toAppend], 'any');
    return position;
  };

  /** @throws {PartituraError} `SUBJECT_NOT_FOUND` also for another organisation's */
  const find = async (id: string, { organizationId }: CallContext): Promise<Subject | ErasedSubject> => {
    await subjects.refresh();
    const found = subjects.list(organizationId).find((one) => one.id === id);
    if (found) return found;
    throw new PartituraError('SUBJECT_NOT_FOUND', `There is no subject ${id}.`, {
      advice: 'partitura subject ls tells which there are.',
    });
  };

  return {
    declareSubject: async ({ body }, context) => {
      const subject: Subject = {
        id: idFrom(context.commandId),
        organizationId: actingFor(context),
        key: randomBytes(32),
        identifiers: [...new Set(body.identifiers.map((one) => one.normalize('NFC')))],
        label: body.label ?? null,
        declaredAt: new Date(clock.now()).toISOString(),
      };
      await subjects.declare(subject);
      const kept = await find(subject.id, context);
      if (isErased(kept)) throw alreadyErased(kept);
      const { id, key, identifiers } = kept;
      const digest = createHmac('sha256', key).update(identifiers.join('\n')).digest('hex');
      const data = { subjectId: id, identifiers: identifiers.length, digest };
      const position = await tell(kept, { type: 'subject.declared', data }, context);
      const { recorded } = await occurrencesOf(kept, dependencies);
      return { id, position, recorded };
    },
    listSubjects: async ({ query }, { organizationId }) => {
      await subjects.refresh();
      return pageFrom(subjects.list(organizationId).map(presented), ({ id }) => id, query);
    },
    getSubject: async ({ params: { id } }, context) => {
      const subject = await find(id, context);
      return { ...presented(subject), ...(await occurrencesOf(subject, dependencies)) };
    },
    eraseSubject: async ({ params: { id } }, context) => {
      const subject = await find(id, context);
      // Afterwards nobody knows what to look for.
      const occurrences = await occurrencesOf(subject, dependencies);
      const erasedAt = isErased(subject) ? subject.erasedAt : new Date(clock.now()).toISOString();
      await subjects.erase(id, erasedAt);
      const event = { type: 'subject.erased', data: { subjectId: id, erasedAt } } as const;
      const position = await tell(subject, event, context);
      return { id, position, ...occurrences, repositories: 'not touched' };
    },
  };
};

/** Whoever declares for the whole installation declares for the one organisation that needs no name. */
const actingFor = ({ organizationId }: CallContext): OrganizationId => organizationId ?? defaultOrganization;

const idFrom = (commandId: string): string =>
  `sub_${createHash('sha256').update(`subject ${commandId}`).digest('hex').slice(0, 12)}`;

const presented = (subject: Subject | ErasedSubject): SubjectResource =>
  isErased(subject)
    ? {
        id: subject.id,
        status: 'erased',
        label: null,
        identifiers: 0,
        declaredAt: subject.declaredAt,
        erasedAt: subject.erasedAt,
      }
    : {
        id: subject.id,
        status: 'declared',
        label: subject.label,
        identifiers: subject.identifiers.length,
        declaredAt: subject.declaredAt,
        erasedAt: null,
      };

const alreadyErased = ({ id }: ErasedSubject): PartituraError =>
  new PartituraError(
    'SUBJECT_ALREADY_ERASED',
    `The subject ${id} was declared by this very request, and erased since.`,
    {
      advice: 'Declare it with another Idempotency-Key.',
    },
  );
