/**
 * Plays the scenes anew and records them: all, or those that are named. Histories that are there stay as they are unless they are named:
 * that they are old is what they are for.
 *
 *     node tests/histories/src/stage.ts [NAME…]
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { blobsOf, endOf, storeOf, writeHistory } from './history.ts';
import { replayAll } from './replaying.ts';
import { scenes, servers } from './scenes.ts';
import { stage } from './staging.ts';

const folder = new URL('recorded/', import.meta.url);
const hashesFile = new URL('hashes.json', folder);
const fileOf = (name: string): URL => new URL(`${name}.ndjson.gz`, folder);

const named = process.argv.slice(2);
const wanted = Object.entries(scenes).filter(([name]) =>
  named.length === 0 ? !existsSync(fileOf(name)) : named.includes(name),
);
const hashes: Record<string, string> = existsSync(hashesFile)
  ? JSON.parse(await readFile(hashesFile, 'utf8'))
  : {};

/** What it came to is what it has to come to from now on. */
const keep = async (name: string, hash: string): Promise<void> => {
  hashes[`${name}.ndjson.gz`] = hash;
  const sorted = Object.entries(hashes).sort(([left], [right]) => (left < right ? -1 : 1));
  await writeFile(hashesFile, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
};

for (const [name, scene] of wanted) {
  const history = await stage(scene);
  for (const server of servers.splice(0)) await server.close();
  const content = writeHistory(history);
  const { parts, hash } = await replayAll(
    { store: storeOf(history), blobs: blobsOf(history) },
    history.about.run,
    endOf(history),
  );
  await writeFile(fileOf(name), content);
  await keep(name, hash);
  const found = parts.flatMap(({ divergence }) => divergence ?? []);
  const said = found.length === 0 ? 'agrees' : `differs: ${JSON.stringify(found, null, 1)}`;
  process.stdout.write(`${name}: ${history.events.length} events, ${content.length} bytes, ${said}\n`);
}
