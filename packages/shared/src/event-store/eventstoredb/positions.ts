import { asPosition, beginning, type Position } from '../../events/index.ts';
import { PartituraError } from '../../runtime/errors.ts';

/** As the protocol writes them: unsigned 64 bits in decimal. */
export interface LogPosition {
  readonly commit: string;
  readonly prepare: string;
}

/** 2^64 has 20 digits. With all of them text sorts as the pairs of numbers do: commit first, then prepare. */
const digits = 20;

export const positionOf = ({ commit, prepare }: LogPosition): Position =>
  asPosition(`${commit.padStart(digits, '0')}.${prepare.padStart(digits, '0')}`);

/**
 * null for the beginning.
 * @throws {PartituraError} `INVALID_POSITION` for what this store never gave out
 */
export const logPositionOf = (position: Position): LogPosition | null => {
  if (position === beginning) return null;
  const [, commit, prepare] = /^(\d{20})\.(\d{20})$/.exec(position) ?? [];
  if (commit !== undefined && prepare !== undefined)
    return { commit: BigInt(commit).toString(), prepare: BigInt(prepare).toString() };
  throw new PartituraError('INVALID_POSITION', `"${position}" is not a position of this event store.`, {
    advice: 'Hand back a position as an event or an answer had it.',
  });
};
