import { crockford, idLength } from '../chance.ts';
import type { Ids } from '../ports.ts';

/** `r_0000000001`, `r_0000000002`, …: counted per prefix, so that one more id of another kind changes no expectation. */
export const sequentialIds = (): Ids => {
  const counts = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${encode(count).padStart(idLength, '0')}`;
    },
  };
};

const encode = (value: number): string =>
  value < 32 ? crockford.charAt(value) : encode(Math.floor(value / 32)) + crockford.charAt(value % 32);
