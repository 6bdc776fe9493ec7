import type { Position } from '@partitura/shared/events';
import type { ProjectionBuild } from './build.ts';

export interface ProjectionProgress {
  readonly name: string;
  readonly version: number;
  readonly position: Position;
  readonly status: 'live' | 'rebuilding';
}

export const progressOf = (
  live: ProjectionBuild,
  beside: ProjectionBuild | null,
): readonly ProjectionProgress[] => {
  const line = (build: ProjectionBuild, status: ProjectionProgress['status']): ProjectionProgress => ({
    name: build.collection.name,
    version: build.collection.version,
    position: build.position(),
    status,
  });
  return [line(live, 'live'), ...(beside ? [line(beside, 'rebuilding')] : [])];
};
