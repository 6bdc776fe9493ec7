import { readdir, readFile } from 'node:fs/promises';
import { type History, readHistory } from '../history.ts';

const folder = new URL('../recorded/', import.meta.url);

/** Of the files that histories are kept in. */
export const names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson.gz')).sort();

export const read = async (name: string): Promise<History> =>
  readHistory(await readFile(new URL(name, folder)));

/** What a replay of each comes to. */
export const hashes: Readonly<Record<string, string>> = JSON.parse(
  await readFile(new URL('hashes.json', folder), 'utf8'),
);
