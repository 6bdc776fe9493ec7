import type { Position } from '@partitura/shared/events';
import type { ProjectionBuild } from './build.ts';
import type { UnderWay } from './rebuilding.ts';

export interface ProjectionProgress {
  readonly name: string;
  readonly version: number;
  readonly position: Position;
  readonly status: 'live' | 'rebuilding';
  /** Of a rebuild: how many events of the log it has behind it, of how many there were when it began. */
  readonly progress: { readonly events: number; readonly total: number | null } | null;
}

export const progressOf = (live: ProjectionBuild, beside: UnderWay | null): readonly ProjectionProgress[] => {
  const line = (
    build: ProjectionBuild,
    status: ProjectionProgress['status'],
    progress: ProjectionProgress['progress'],
  ): ProjectionProgress => ({
    name: build.collection.name,
    version: build.collection.version,
    position: build.position(),
    status,
    progress,
  });
  if (beside === null) return [line(live, 'live', null)];
  const { build, total } = beside;
  // Events that came since it began are more than it was to have.
  const events = total === null ? beside.events() : Math.min(beside.events(), total);
  return [line(live, 'live', null), line(build, 'rebuilding', { events, total })];
};
