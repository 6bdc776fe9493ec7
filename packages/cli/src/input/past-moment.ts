import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Not whatever the engine takes for a date: "1" would be the year 2001. */
const timeForm = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/;

const momentIn = (text: string, now: number): number => {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== '') return now - Number(count) * (units[unit] ?? 0);
  return timeForm.test(text) ? Date.parse(text) : Number.NaN;
};

/** A time that has been, from a flag: `2h` ago, `2026-01-31`, or a whole time. Answers in ISO 8601 UTC. */
export const pastMomentFlag =
  (now: () => number) =>
  (text: string): string => {
    const moment = momentIn(text, now());
    if (Number.isNaN(moment))
      throw new InvalidArgumentError(
        'It has to be how long ago, such as 2h or 30m, or a time such as 2026-01-31T12:00:00Z.',
      );
    return new Date(moment).toISOString();
  };

/** The same, or a position, which only the server knows. */
export const momentOrPosition =
  (now: () => number) =>
  (text: string): string => {
    const moment = momentIn(text, now());
    return Number.isNaN(moment) ? text : new Date(moment).toISOString();
  };
