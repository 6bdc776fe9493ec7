import fc, { type Arbitrary } from 'fast-check';
import { spoiled } from './arbitrary.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value spoiled at the top, or somewhere within. */
export const deeplySpoiled = (value: unknown): Arbitrary<unknown> => {
  const within = isObject(value) ? Object.entries(value).filter(([, part]) => isObject(part)) : [];
  const deeper = within.map(([name, part]) =>
    deeplySpoiled(part).map((one) => ({ ...Object(value), [name]: one })),
  );
  return fc.oneof(spoiled(value), ...deeper);
};
