import { beginning, type Position } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { Projection } from '../folding/projection.ts';
import { type BuildContext, openBuild, type ProjectionBuild } from './build.ts';
import type { Retiring } from './retiring.ts';

/** The builds that readers are to ask, of this instance. */
export interface LiveBuilds {
  all(): readonly ProjectionBuild[];
  /** @throws {PartituraError} `PROJECTION_NOT_FOUND` */
  of(name: string): ProjectionBuild;
  /** Up to where all of them have come. */
  position(): Position;
  open(projection: Projection): Promise<void>;
  /** Goes on to the build that another instance has switched to, and to what it has stored. */
  compare(): Promise<void>;
  /** Makes this build the live one everywhere, unless a later one is. */
  switchTo(build: ProjectionBuild): Promise<void>;
}

export const liveBuilds = (
  context: BuildContext,
  projections: readonly Projection[],
  retired: Retiring,
): LiveBuilds => {
  const { readModels } = context;
  const live = new Map<string, ProjectionBuild>();

  const of = (name: string): ProjectionBuild => {
    const build = live.get(name);
    if (build) return build;
    throw new PartituraError('PROJECTION_NOT_FOUND', `There is no read model "${name}".`, {
      advice: `There are ${projections.map((projection) => projection.name).join(', ')}.`,
    });
  };

  /** The build that is live now, as the database says. */
  const current = async (build: ProjectionBuild): Promise<ProjectionBuild> => {
    const { projection, collection } = build;
    const active = await readModels.activeBuild(projection.name);
    // Wiped: it will be built again, and readers are to know where.
    if (active === null) await readModels.activate(collection);
    // That of another version of this program is not for us, and ours not for it: while they are exchanged, both are kept up.
    if (active?.version !== collection.version || active.generation === collection.generation) return build;
    return openBuild(context, projection, active.generation);
  };

  return {
    all: () => [...live.values()],
    of,
    position: () => [...live.values()].map((build) => build.position()).sort()[0] ?? beginning,
    /**
     * Goes on with the documents there are. Those of another version of the reducer are not what this program can show: they go,
     * and its own are built from the log.
     */
    open: async (projection) => {
      const { name, version } = projection;
      const active = await readModels.activeBuild(name);
      const isOurs = active?.version === version;
      const build = await openBuild(context, projection, isOurs ? active.generation : 0);
      const activate = () => readModels.activate(build.collection);
      if (active && !isOurs) await retired.retire({ name, ...active }, activate);
      else if (!isOurs) await activate();
      live.set(name, build);
    },
    compare: async () => {
      for (const [name, build] of live) {
        const now = await current(build);
        await now.compare();
        live.set(name, now);
      }
    },
    switchTo: async (build) => {
      const { name, version, generation } = build.collection;
      const before = of(name).collection;
      const active = await readModels.activeBuild(name);
      const latest = active?.version === version ? active.generation : -1;
      const replace = async (): Promise<void> => {
        if (latest < generation) await readModels.activate(build.collection);
        if (latest <= generation) live.set(name, build);
      };
      if (before.generation < generation) await retired.retire(before, replace);
    },
  };
};
