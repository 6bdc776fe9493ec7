/** Every string and every key of some data, however deep, as `change` has it. The value itself where nothing changed. */
export const eachString = (
  value: unknown,
  change: (text: string) => string,
  isLeftAlone: (key: string) => boolean = () => false,
): unknown => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return changedItems(value, change, isLeftAlone);
  let changed = false;
  const names = new Set<string>();
  const entries = Object.entries(value).map(([key, item]) => {
    const name = freeName(change(key), names);
    const other = isLeftAlone(key) ? item : eachString(item, change, isLeftAlone);
    changed ||= name !== key || other !== item;
    return [name, other] as const;
  });
  return changed ? Object.fromEntries(entries) : value;
};

const changedItems = (
  items: readonly unknown[],
  change: (text: string) => string,
  isLeftAlone: (key: string) => boolean,
): unknown => {
  const others = items.map((item) => eachString(item, change, isLeftAlone));
  return others.some((other, index) => other !== items[index]) ? others : items;
};

/** Two keys that are the same afterwards must not become one. */
const freeName = (name: string, taken: Set<string>): string => {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}#${number}`;
  taken.add(free);
  return free;
};
