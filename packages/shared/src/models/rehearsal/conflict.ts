import type { WrittenFile } from './written.ts';

const opening = /^<{7}(?: .*)?$/;
const base = /^\|{7}(?: .*)?$/;
const middle = /^={7}$/;
const closing = /^>{7}(?: .*)?$/;

export const hasMarkers = (content: string): boolean =>
  /^<{7}(?: |$)/m.test(content) && /^>{7}(?: |$)/m.test(content);

/** Both sides of every conflict, the run's first; of JSON, where both together are none, the first that is. */
export const keepBoth = (content: string): string => {
  const both = resolve(content, ['ours', 'theirs']);
  const looksLikeJson = /^\s*[{[]/.test(content);
  if (!looksLikeJson || isJson(both)) return both;
  const one = ([['ours'], ['theirs']] as const).map((sides) => resolve(content, sides)).find(isJson);
  return one ?? both;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

type Side = 'ours' | 'base' | 'theirs';

/** Where a line that is a marker leads to; null for every other line. */
const turnAt = (line: string, side: Side | null): Side | 'end' | null => {
  if (side === null) return opening.test(line) ? 'ours' : null;
  if (side === 'ours' && base.test(line)) return 'base';
  if (side !== 'theirs') return middle.test(line) ? 'theirs' : null;
  return closing.test(line) ? 'end' : null;
};

const resolve = (content: string, kept: readonly Side[]): string => {
  let sides: Record<Side, string[]> = { ours: [], base: [], theirs: [] };
  const lines: string[] = [];
  let side: Side | null = null;
  for (const line of content.split('\n')) {
    const turn = turnAt(line, side);
    if (turn === 'end') {
      lines.push(...settled(sides, kept));
      sides = { ours: [], base: [], theirs: [] };
      side = null;
    } else if (turn !== null) side = turn;
    else (side === null ? lines : sides[side]).push(line);
  }
  return lines.join('\n');
};

/** Lines that both sides have are kept once: two branches often add the same import. */
const settled = (sides: Readonly<Record<Side, readonly string[]>>, kept: readonly Side[]): string[] => {
  const [first, second] = kept;
  if (first === undefined) return [];
  const own = sides[first];
  if (second === undefined) return [...own];
  const seen = new Set(own.filter((line) => line.trim().length > 3));
  return [...own, ...sides[second].filter((line) => !seen.has(line))];
};

/**
 * Files with markers as the `conflict` section lists them: JSON `{files: [path]}` or `[{path, content}]`, or each path on a line of its own (with
 * or without `#`, `---` or a colon) before its content. Paths alone are named without content.
 */
export const conflictedFiles = (section: string): { path: string; content: string | null }[] => {
  const listed = asJson(section);
  if (listed !== null) return listed;
  const files: { path: string; lines: string[] }[] = [];
  for (const line of section.split('\n')) {
    const path =
      /^(?:[#>*+=`-]+\s*)?(?:file:?\s*)?`?([\w@.-]+(?:\/[\w@. -]+)*\.\w{1,8}|[\w.-]+\/[\w./-]+)`?:?\s*(?:[=-]{3,})?$/i.exec(
        line,
      )?.[1];
    if (path !== undefined && !hasMarkers(`${files.at(-1)?.lines.join('\n') ?? ''}\n>>>>>>> `))
      files.push({ path, lines: [] });
    else files.at(-1)?.lines.push(line);
  }
  return files.map(({ path, lines }) => {
    const content = lines
      .join('\n')
      .replace(/^\s*```\w*\n/, '')
      .replace(/\n```\s*$/, '');
    return { path, content: hasMarkers(content) ? content : null };
  });
};

const asJson = (section: string): { path: string; content: string | null }[] | null => {
  try {
    const value: unknown = JSON.parse(section);
    const items = listIn(value);
    return items.flatMap((item) => {
      if (typeof item === 'string') return [{ path: item, content: null }];
      if (item === null || typeof item !== 'object' || !('path' in item) || typeof item.path !== 'string')
        return [];
      return [
        {
          path: item.path,
          content: 'content' in item && typeof item.content === 'string' ? item.content : null,
        },
      ];
    });
  } catch {
    return null;
  }
};

const listIn = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  const named = value !== null && typeof value === 'object' && 'files' in value ? value.files : null;
  return Array.isArray(named) ? named : [value];
};

export const resolved = (
  files: readonly { readonly path: string; readonly content: string }[],
): WrittenFile[] =>
  files
    .filter(({ content }) => hasMarkers(content))
    .map(({ path, content }) => ({ path, content: keepBoth(content) }));
