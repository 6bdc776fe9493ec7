import { eventRegistry, type FactData, type FactIn, isFact } from '@partitura/shared/events';
import { translation } from '@partitura/shared/forking';
import { fromCloudEvent } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import { type Ancestor, ancestryOf } from './ancestry.ts';

type SaidType = FactIn<'run' | 'agent'>['type'];

export interface Spoken<Type extends SaidType> {
  readonly stream: string;
  readonly actor: string;
  readonly data: FactData[Type];
}

/** All events of a type in a run's history, in order. */
export type SpokenIn = <Type extends SaidType>(type: Type) => Promise<readonly Spoken<Type>[]>;

/** Also of what a fork has inherited, as its own: it stands in the histories of those it comes from, up to where it was forked. */
export const spokenIn = async (readers: Readers, runId: string): Promise<SpokenIn> => {
  const ancestors = (await ancestryOf(readers, runId)).toReversed();

  const within = async <Type extends SaidType>(
    ancestor: Ancestor,
    type: Type,
  ): Promise<readonly Spoken<Type>[]> => {
    const { event: asOwn } = translation(ancestor.runId, runId);
    const between = ancestor.upTo === null ? {} : { between: { to: ancestor.upTo } };
    const isSaid = isFact(type);
    const query = { where: { runId: ancestor.runId, type }, ...between };
    const pages = await Array.fromAsync(readers.pages('history', query));
    return pages.flat().flatMap(({ event }) => {
      const recorded = fromCloudEvent(event);
      const said = ancestor.runId === runId ? recorded : asOwn(recorded, -1);
      const current = { ...said, ...eventRegistry.upcast(said.type, said.version, said.data) };
      return isSaid(current) ? [{ stream: said.stream, actor: said.metadata.actor, data: current.data }] : [];
    });
  };

  return async (type) => (await Promise.all(ancestors.map((ancestor) => within(ancestor, type)))).flat();
};
