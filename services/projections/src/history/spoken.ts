import type { AgentEvent, RunEvent } from '@partitura/shared/events';
import { translation } from '@partitura/shared/forking';
import { fromCloudEvent } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import { type Ancestor, ancestryOf } from './ancestry.ts';

type Said = RunEvent | AgentEvent;

export interface Spoken<Type extends Said['type']> {
  readonly stream: string;
  readonly actor: string;
  readonly data: Extract<Said, { type: Type }>['data'];
}

/** All events of a type in a run's history, in order. */
export type SpokenIn = <Type extends Said['type']>(type: Type) => Promise<readonly Spoken<Type>[]>;

/** Also of what a fork has inherited, as its own: it stands in the histories of those it comes from, up to where it was forked. */
export const spokenIn = async (readers: Readers, runId: string): Promise<SpokenIn> => {
  const ancestors = (await ancestryOf(readers, runId)).toReversed();

  const within = async <Type extends Said['type']>(
    ancestor: Ancestor,
    type: Type,
  ): Promise<readonly Spoken<Type>[]> => {
    const { event: asOwn } = translation(ancestor.runId, runId);
    const between = ancestor.upTo === null ? {} : { between: { to: ancestor.upTo } };
    const query = { where: { runId: ancestor.runId, type }, ...between };
    const pages = await Array.fromAsync(readers.pages('history', query));
    return pages.flat().map(({ event }) => {
      const recorded = fromCloudEvent(event);
      const { stream, metadata, data } = ancestor.runId === runId ? recorded : asOwn(recorded, -1);
      // The registry held it to its contract when it was appended.
      return { stream, actor: metadata.actor, data: data as Spoken<Type>['data'] };
    });
  };

  return async (type) => (await Promise.all(ancestors.map((ancestor) => within(ancestor, type)))).flat();
};
