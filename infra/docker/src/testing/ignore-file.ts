/** One line of a .dockerignore: `**` is any number of folders, `*` is anything but a slash. */
const expression = (pattern: string): RegExp => {
  const body = pattern
    .split(/(\*\*\/|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${body}$`);
};

/**
 * Whether a path relative to the context stays out of it, as Docker decides: the last line that matches the path, or a folder that
 * it is in, wins.
 */
export const ignores = (ignoreFile: string): ((path: string) => boolean) => {
  const rules = ignoreFile
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      keeps: line.startsWith('!'),
      matches: expression(line.replace(/^!/, '').replace(/^\/|\/$/g, '')),
    }));
  return (path) => {
    const parts = path.split('/');
    const withFolders = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ matches }) => withFolders.some((part) => matches.test(part)));
    return last !== undefined && !last.keeps;
  };
};
