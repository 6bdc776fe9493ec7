import type { EventStore } from '@partitura/shared/event-store';
import {
  asRunId,
  noUsage,
  parseStreamName,
  type RecordedEvent,
  type RecordedIn,
  type RunConfiguration,
  recordedIn,
  standsIn,
  streamName,
  type Usage,
} from '@partitura/shared/events';
import { isInherited, readWithPast } from '@partitura/shared/forking';
import { planHolder } from '@partitura/shared/policies';

export type Word = RecordedIn<'run' | 'agent' | 'plan' | 'merge'>;
export type WordOf<Type extends Word['type']> = Extract<Word, { type: Type }>;

/** A call to a model, and what came of it. */
export interface Call {
  readonly callId: string;
  /** An attempt, or the planner. */
  readonly holder: string;
  readonly position: string;
  readonly usage: Usage;
}

/** A run that is looked at again: all it said, in order, and what it spent where. */
export interface PastRun {
  readonly runId: string;
  readonly configuration: RunConfiguration;
  readonly words: readonly Word[];
  /** Of the run's own stream, what it has from the run that it was forked from: its tasks, and how often they failed. */
  readonly inherited: readonly Word[];
  readonly calls: readonly Call[];
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly completed: boolean;
}

export const holderOf = ({ stream }: RecordedEvent): string => {
  const { category, id } = parseStreamName(stream);
  return category === 'plan' ? planHolder : id;
};

export const taskOf = (attemptId: string): string => attemptId.slice(0, attemptId.lastIndexOf('.a'));

export const timeOf = ({ time }: RecordedEvent): number => Date.parse(time);

export const isType = <Type extends Word['type']>(word: Word, type: Type): word is WordOf<Type> =>
  word.type === type;

const callsIn = (words: readonly Word[]): readonly Call[] => {
  const usages = new Map<string, Usage>();
  for (const word of words)
    if (isType(word, 'model.answered') || isType(word, 'model.failed'))
      usages.set(word.data.callId, word.data.usage);
  return words.flatMap((word) =>
    isType(word, 'model.requested')
      ? [
          {
            callId: word.data.callId,
            holder: holderOf(word),
            position: word.position,
            usage: usages.get(word.data.callId) ?? noUsage,
          },
        ]
      : [],
  );
};

const inheritedBy = async (store: EventStore, runId: string): Promise<readonly Word[]> => {
  const pages = await Array.fromAsync(readWithPast(store, streamName('run', runId)));
  return recordedIn('run', pages.flat()).filter(isInherited);
};

const isWord = standsIn('run', 'agent', 'plan', 'merge');

/** What a run itself did: of a fork, nothing of what it inherited, which others paid for. Null when it has not begun. */
export const readPastRun = async (store: EventStore, runId: string): Promise<PastRun | null> => {
  const words: Word[] = [];
  for await (const { events } of store.readAll({ filter: { runId: asRunId(runId) } }))
    words.push(...events.filter(isWord));
  const created = words.find((word) => isType(word, 'run.created'));
  const started = words.find((word) => isType(word, 'run.started')) ?? created;
  if (!created || !isType(created, 'run.created') || !started) return null;
  const last = words.findLast(({ type }) => /^run\.(completed|failed|cancelled|stopped)$/.test(type));
  return {
    runId,
    configuration: created.data.configuration,
    words,
    inherited: await inheritedBy(store, runId),
    calls: callsIn(words),
    startedAt: timeOf(started),
    endedAt: timeOf(last ?? words.at(-1) ?? started),
    completed: last?.type === 'run.completed',
  };
};
