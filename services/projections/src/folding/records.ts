/** Documents keep maps as records, so that they are plain JSON. A task may be called `constructor`: only own keys count. */
export const valueIn = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

export const withValue = <Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
  value: Value,
): Readonly<Record<string, Value>> => ({ ...record, [key]: value });

export const withoutValue = <Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Readonly<Record<string, Value>> => {
  const { [key]: _, ...rest } = record;
  return rest;
};
