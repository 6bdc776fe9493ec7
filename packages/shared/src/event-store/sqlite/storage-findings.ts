import type { StorageFinding } from '../port.ts';
import { positionOf } from './positions.ts';

export const ofFile = (detail: string): StorageFinding => ({
  position: null,
  stream: null,
  revision: null,
  eventId: null,
  detail,
});

export const atPosition = (
  position: number,
  detail: string,
  place: Partial<Pick<StorageFinding, 'stream' | 'revision' | 'eventId'>> = {},
): StorageFinding => ({ ...ofFile(detail), ...place, position: positionOf(position) });
