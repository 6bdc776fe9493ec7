import { asPosition, beginning, type Position } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';

/** As many digits as the largest exact integer has, so that text sorts as the numbers do. */
const digits = 16;

export const positionOf = (number: number): Position =>
  number === 0 ? beginning : asPosition(String(number).padStart(digits, '0'));

/** @throws {PartituraError} `INVALID_POSITION` for what this store never gave out */
export const numberOf = (position: Position): number => {
  if (position === beginning) return 0;
  if (/^\d{16}$/.test(position)) return Number(position);
  throw new PartituraError('INVALID_POSITION', `"${position}" is not a position of this event store.`, {
    advice: 'Hand back a position as an event or an answer had it.',
  });
};
