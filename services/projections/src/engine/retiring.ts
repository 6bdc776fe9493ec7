import type { Build, Document, ReadModels } from '@partitura/shared/read-models';
import type { Clock } from '@partitura/shared/runtime';
import { buildName } from './build.ts';
import type { Insisting } from './insisting.ts';
import { notesIn } from './notes.ts';

/** Documents that nobody is to ask any more. */
export interface RetiredBuild extends Build {
  readonly name: string;
}

/** Drops documents that were replaced, after a while: another instance may not have noticed yet. */
export interface Retiring {
  /** Drops it some time after `replace` put another one in its place; also when the process ends in between. */
  retire(build: RetiredBuild, replace: () => Promise<void>): Promise<void>;
  /** What this instance, or another one, was to drop when it ended. */
  resume(): Promise<void>;
  /** Resolves when nothing is left to drop, or the signal aborts. */
  done(): Promise<void>;
}

type Note = Document & RetiredBuild;

export const retiring = (options: {
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly insist: Insisting['insist'];
  readonly signal: AbortSignal;
  /** In ms. */
  readonly afterMs: number;
}): Retiring => {
  const { readModels, clock, insist, signal, afterMs } = options;
  const notes = notesIn<Note>(readModels, 'retired');
  const underWay = new Map<string, Promise<void>>();

  const drop = async ({ id, name, version, generation }: Note, waitMs: number): Promise<void> => {
    await clock.sleep(waitMs, signal);
    if (!(await notes.all()).some((note) => note.id === id)) return;
    const active = await readModels.activeBuild(name);
    // Not replaced yet; or somebody returned to it: an older program, or a database that was emptied.
    if (active?.version === version && active.generation === generation) return;
    await readModels.drop(id, [{ name, version, generation, indexes: [] }]);
    await notes.forget(id);
  };

  const begin = (note: Note, waitMs: number): void => {
    if (underWay.has(note.id)) return;
    const done = insist(`Dropping ${note.id}`, () => drop(note, waitMs)).finally(() =>
      underWay.delete(note.id),
    );
    underWay.set(note.id, done);
  };

  return {
    retire: async ({ name, version, generation }, replace) => {
      const note: Note = { id: buildName({ name }, { version, generation }), name, version, generation };
      await notes.remember(note);
      await replace();
      begin(note, afterMs);
    },
    resume: async () => {
      // Later than the one who began it would, if it is there.
      for (const note of await notes.all()) begin(note, 2 * afterMs);
    },
    done: async () => {
      await Promise.all(underWay.values());
    },
  };
};
