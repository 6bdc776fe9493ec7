import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProjectCommand } from './port.ts';

/** A folder's files, as far as they say how its project is checked. */
interface Folder {
  /** Relative to the worktree's top. */
  readonly name: string;
  readonly path: string;
  readonly entries: ReadonlySet<string>;
}

const maxManifestBytes = 1_000_000;

const textOf = async (folder: Folder, file: string): Promise<string> => {
  if (!folder.entries.has(file)) return '';
  const path = join(folder.path, file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > maxManifestBytes) return '';
  return await readFile(path, 'utf8').catch(() => '');
};

const command = (
  folder: Folder,
  details: Omit<ProjectCommand, 'folder' | 'unavailable'>,
  unavailable: string | null = null,
): ProjectCommand => ({
  ...details,
  name: folder.name === '.' ? details.name : `${folder.name}:${details.name}`,
  folder: folder.name,
  unavailable,
});

const packageSchema = z.object({
  scripts: z.record(z.string(), z.string()).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  devDependencies: z.record(z.string(), z.unknown()).catch({}),
});

const parsePackage = (text: string): z.infer<typeof packageSchema> | null => {
  try {
    return packageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

/** In this order: what does not build need not be tested. */
const scripts = ['build', 'typecheck', 'lint', 'test'] as const;

/** What `npm init` writes there is no test. */
const isPlaceholder = (script: string): boolean => /no test specified/.test(script);

const packageRunner = (folder: Folder): string => {
  if (folder.entries.has('pnpm-lock.yaml')) return 'pnpm';
  return folder.entries.has('yarn.lock') ? 'yarn' : 'npm';
};

const notInstalled = (folder: Folder, wanted: number): string | null =>
  wanted === 0 || folder.entries.has('node_modules')
    ? null
    : `the project has ${wanted} dependencies and no node_modules; they cannot be installed without a network`;

const nodeCommands = async (folder: Folder): Promise<ProjectCommand[]> => {
  if (!folder.entries.has('package.json')) return [];
  const runner = packageRunner(folder);
  const manifest = parsePackage(await textOf(folder, 'package.json'));
  // npm says best what is wrong with it: that is a failure of the work, not of this machine.
  if (manifest === null) return [command(folder, { name: 'test', command: `${runner} test`, runner: 'npm' })];
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length;
  const unavailable = notInstalled(folder, wanted);
  return scripts
    .filter((name) => manifest.scripts[name] !== undefined && !isPlaceholder(manifest.scripts[name]))
    .map((name) =>
      command(
        folder,
        { name, command: name === 'test' ? `${runner} test` : `${runner} run ${name}`, runner: 'npm' },
        unavailable,
      ),
    );
};

const entriesBelow = async (folder: Folder, names: readonly string[]): Promise<string[]> => {
  const below = names.filter((name) => folder.entries.has(name));
  const lists = await Promise.all(below.map((name) => readdir(join(folder.path, name)).catch(() => [])));
  return [...folder.entries, ...lists.flat()];
};

/** Test files without a package.json to say how they are run: Node's own runner finds them. */
const plainNodeCommands = async (folder: Folder): Promise<ProjectCommand[]> => {
  if (folder.entries.has('package.json')) return [];
  const files = await entriesBelow(folder, ['test', 'tests', 'src']);
  if (!files.some((name) => /\.test\.[cm]?js$/.test(name))) return [];
  return [command(folder, { name: 'test', command: 'node --test', runner: 'node' })];
};

const pythonCommands = async (folder: Folder): Promise<ProjectCommand[]> => {
  const configured =
    folder.entries.has('pytest.ini') ||
    /^\[tool\.pytest/m.test(await textOf(folder, 'pyproject.toml')) ||
    /^\[(tool:)?pytest\]/m.test((await textOf(folder, 'setup.cfg')) + (await textOf(folder, 'tox.ini')));
  const files = await entriesBelow(folder, ['test', 'tests', 'src']);
  if (!configured && !files.some((name) => /^test_.*\.py$|_test\.py$/.test(name))) return [];
  return [command(folder, { name: 'test', command: 'python3 -m pytest', runner: 'pytest' })];
};

const goCommands = async (folder: Folder): Promise<ProjectCommand[]> =>
  folder.entries.has('go.mod')
    ? [
        command(folder, { name: 'build', command: 'go build ./...', runner: 'go' }),
        // `go test` vets what it tests: a check of its own would compile everything once more.
        command(folder, { name: 'test', command: 'go test -v ./...', runner: 'go' }),
      ]
    : [];

const cargoCommands = async (folder: Folder): Promise<ProjectCommand[]> =>
  folder.entries.has('Cargo.toml')
    ? [command(folder, { name: 'test', command: 'cargo test --offline', runner: 'cargo' })]
    : [];

const makeCommands = async (folder: Folder): Promise<ProjectCommand[]> => {
  const makefile =
    (await textOf(folder, 'Makefile')) +
    (await textOf(folder, 'makefile')) +
    (await textOf(folder, 'GNUmakefile'));
  const target = ['test', 'check'].find((name) => new RegExp(`^${name}\\s*:(?!=)`, 'm').test(makefile));
  return target === undefined
    ? []
    : [command(folder, { name: 'test', command: `make ${target}`, runner: 'make' })];
};

const detectors = [nodeCommands, plainNodeCommands, pythonCommands, goCommands, cargoCommands];

const commandsIn = async (folder: Folder): Promise<ProjectCommand[]> => {
  const found: ProjectCommand[] = [];
  for (const detect of detectors) found.push(...(await detect(folder)));
  // A Makefile mostly calls the same tools: it is asked only where they are not known otherwise.
  return found.some(({ name }) => name.endsWith('test'))
    ? found
    : [...found, ...(await makeCommands(folder))];
};

const open = async (worktreePath: string, name: string): Promise<Folder> => {
  const path = join(worktreePath, name);
  return { name, path, entries: new Set(await readdir(path).catch(() => [])) };
};

const unlikely = new Set([
  'node_modules',
  'vendor',
  'target',
  'dist',
  'build',
  'docs',
  'examples',
  'test',
  'tests',
  'src',
]);
const maxFolders = 20;

/** The commands of the top; when it has none, those of the folders in it (`server`, `client`). Two of one name are kept apart. */
export const detectCommands = async (worktreePath: string): Promise<readonly ProjectCommand[]> => {
  const top = await commandsIn(await open(worktreePath, '.'));
  if (top.length > 0) return unique(top);
  const entries = await readdir(worktreePath, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !unlikely.has(entry.name))
    .map(({ name }) => name)
    .sort()
    .slice(0, maxFolders);
  const found: ProjectCommand[] = [];
  for (const name of names) found.push(...(await commandsIn(await open(worktreePath, name))));
  return unique(found);
};

const unique = (commands: readonly ProjectCommand[]): ProjectCommand[] => {
  const seen = new Map<string, number>();
  return commands.map((one) => {
    const times = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, times);
    return times === 1 ? one : { ...one, name: `${one.name} (${one.runner})` };
  });
};
