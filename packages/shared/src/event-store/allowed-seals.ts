/** One word: the name of a state, an id, a place. */
const word = /^[\w.:/@+-]{1,80}$/;
const token = /⟦sub_[^⟧]*⟧/g;
const tooLong = '[…]';

/**
 * Data whose sealing its contract does not take at some paths. A state that is called as somebody is has to stay a state, or nothing could
 * be appended any more; a text that tokens made too long loses them.
 */
export const allowedSeals = (sealed: unknown, before: unknown, paths: readonly string[]): unknown =>
  paths.reduce((data, path) => changedAt(data, before, path === '' ? [] : path.split('.')), sealed);

const changedAt = (sealed: unknown, before: unknown, path: readonly string[]): unknown => {
  const [name, ...rest] = path;
  if (name === undefined) return allowed(sealed, before);
  if (Array.isArray(sealed))
    return sealed.map((item, index) =>
      String(index) === name ? changedAt(item, at(before, name), rest) : item,
    );
  if (typeof sealed !== 'object' || sealed === null || !Object.hasOwn(sealed, name)) return sealed;
  return { ...sealed, [name]: changedAt(Reflect.get(sealed, name), at(before, name), rest) };
};

const at = (value: unknown, name: string): unknown => Reflect.get(Object(value), name);

const allowed = (sealed: unknown, before: unknown): unknown => {
  if (typeof sealed !== 'string' || typeof before !== 'string' || sealed === before) return sealed;
  return word.test(before) ? before : sealed.replaceAll(token, tooLong);
};
