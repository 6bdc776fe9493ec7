import type { EventStore } from '@partitura/shared/event-store';
import {
  type Category,
  type RecordedEvent,
  type RecordedIn,
  recordedIn,
  streamName,
} from '@partitura/shared/events';
import { isInherited, readWithPast } from '@partitura/shared/forking';
import { type CallContext, isThereFor, ownerOf } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Proof } from './resource.ts';

export type Words<In extends Category> = readonly RecordedIn<In>[];
export type Word<In extends Category, Type extends RecordedIn<In>['type']> = Extract<
  RecordedIn<In>,
  { type: Type }
>;

/** All that a stream says, with what a fork has inherited, by position; nothing where there is none. */
export const wordsOf = async <In extends Category>(
  store: EventStore,
  category: In,
  id: string,
): Promise<Words<In>> => {
  const pages = await Array.fromAsync(readWithPast(store, streamName(category, id)));
  return recordedIn(category, pages.flat());
};

export const ofType = <In extends Category, Type extends RecordedIn<In>['type']>(
  words: Words<In>,
  type: Type,
): readonly Word<In, Type>[] => words.filter((word): word is Word<In, Type> => word.type === type);

/** Where it stands in the log: what a fork inherited, in its parent's stream. */
export const proofOf = (event: RecordedEvent): Proof => {
  const { id, type, stream, revision, position, time, metadata } = isInherited(event)
    ? event.recorded
    : event;
  return { eventId: id, type, stream, revision, position, time, actor: metadata.actor };
};

type Reader = Pick<CallContext, 'organizationId'>;

const isTheirs = (reader: Reader, words: readonly RecordedEvent[]): boolean => {
  const [first] = words;
  return first !== undefined && isThereFor(reader, ownerOf(first.metadata));
};

/** What a run says, for whoever may hear it. Null: there is no such run for them. */
export const runWordsFor = async (
  store: EventStore,
  reader: Reader,
  runId: string,
): Promise<Words<'run'> | null> => {
  const words = await wordsOf(store, 'run', runId);
  return isTheirs(reader, words) ? words : null;
};

export const runNotFound = (runId: string): PartituraError =>
  new PartituraError('RUN_NOT_FOUND', `There is no run "${runId}".`, {
    advice: 'See the runs with: partitura ps',
  });

/** @throws {PartituraError} `PROJECT_NOT_FOUND`, also for a project that was removed */
export const projectWordsFor = async (
  store: EventStore,
  reader: Reader,
  projectId: string,
): Promise<Words<'project'>> => {
  const words = await wordsOf(store, 'project', projectId);
  if (isTheirs(reader, words) && ofType(words, 'project.removed').length === 0) return words;
  throw new PartituraError('PROJECT_NOT_FOUND', `There is no project "${projectId}".`, {
    advice: 'See the projects with: GET /api/v1/projects',
  });
};
