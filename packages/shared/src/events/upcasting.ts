import type { EventContract } from './define.ts';

/**
 * Data of an older version as the current version has it, one upcaster after the other.
 * @throws {RangeError} when a step is missing, or the data is of a version that is not known yet
 */
export const upcastData = (
  type: string,
  contract: EventContract,
  version: number,
  data: unknown,
): unknown => {
  if (version > contract.version || !Number.isInteger(version) || version < 1) {
    throw new RangeError(`${type} is known up to version ${contract.version}, not in version ${version}.`);
  }
  let upcast = data;
  for (let from = version; from < contract.version; from += 1) {
    const upcaster = contract.upcasters?.[from];
    if (!upcaster) throw new RangeError(`${type} has no upcaster from version ${from} to ${from + 1}.`);
    // An upcaster declares the shape it takes; that the data has it was checked when it was appended.
    upcast = upcaster(upcast as never);
  }
  return upcast;
};
