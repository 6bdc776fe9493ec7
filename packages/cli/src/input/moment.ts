import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment to come, from a flag: `30d`, `12h`, `2027-01-31`, or a whole time. Answers in ISO 8601 UTC. */
export const momentFlag =
  (now: () => number) =>
  (text: string): string => {
    const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
    const time = count === '' ? timeOf(text) : now() + Number(count) * (units[unit] ?? 0);
    if (Number.isNaN(time))
      throw new InvalidArgumentError(
        'It has to be a duration such as 30d or 12h, or a date such as 2027-01-31.',
      );
    if (time <= now()) throw new InvalidArgumentError('It has to be a time to come.');
    return new Date(time).toISOString();
  };

/** Not whatever the engine takes for a date: "1" would be the year 2001. */
const timeOf = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
