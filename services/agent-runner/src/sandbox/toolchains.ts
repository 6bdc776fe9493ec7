import { realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path';

/** What there is to build and test with, and where it has to be seen to work. */
export interface Toolchains {
  /** Absolute paths, read-only in the sandbox. */
  readonly paths: readonly string[];
  /** PATH and what the tools need to find themselves with another HOME. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface OuterEnvironment {
  readonly path: string;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Seen anyway. */
export const systemDirectories = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix/store',
  '/gnu/store',
];

export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);

const isSystem = (path: string): boolean => systemDirectories.some((directory) => isWithin(path, directory));

const existing = async (path: string): Promise<string | null> =>
  stat(path).then(
    () => path,
    () => null,
  );

/** A directory for programs, by its name: others on PATH (HOME itself, a project) may hold anything. */
const programDirectories = new Set(['bin', 'sbin', 'shims', '.bin', 'libexec']);

const programs = [
  'node',
  'npm',
  'npx',
  'pnpm',
  'yarn',
  'bun',
  'deno',
  'python3',
  'python',
  'pytest',
  'go',
  'cargo',
  'rustc',
  'ruby',
  'java',
  'php',
];

/** Never the home directory or what it is in: there are keys and credentials. */
const mayBeSeen = (path: string, home: string): boolean => path !== '/' && !isWithin(home, path);

/** Where a program is in truth, when that is elsewhere: its `bin`, and the `lib` beside it. */
const homesOfProgram = async (directory: string, program: string): Promise<string[]> => {
  const real = await realpath(join(directory, program)).catch(() => null);
  if (real === null || isSystem(real)) return [];
  const within = real.split(`${sep}lib${sep}node_modules${sep}`)[0] ?? real;
  const prefix = within === real ? dirname(dirname(real)) : within;
  if (within === real && basename(dirname(real)) !== 'bin') return [dirname(real)];
  return [join(prefix, 'bin'), join(prefix, 'lib'), join(prefix, 'libexec'), join(prefix, 'include')];
};

interface LanguageHome {
  readonly marker: string;
  readonly directory: (outer: OuterEnvironment) => string;
  /** Parts of it that the tool needs; never its credentials. */
  readonly parts: readonly string[];
  readonly environment: (directory: string) => Record<string, string>;
}

const inHome =
  (variable: string, ...path: string[]) =>
  (outer: OuterEnvironment): string =>
    outer.variables[variable] ?? join(outer.home, ...path);

const languageHomes: readonly LanguageHome[] = [
  {
    marker: 'cargo',
    directory: inHome('CARGO_HOME', '.cargo'),
    parts: ['bin', 'registry', 'git'],
    environment: (directory) => ({ CARGO_HOME: directory, CARGO_NET_OFFLINE: 'true' }),
  },
  {
    marker: 'cargo',
    directory: inHome('RUSTUP_HOME', '.rustup'),
    parts: ['toolchains', 'settings.toml'],
    environment: (directory) => ({ RUSTUP_HOME: directory, RUSTUP_AUTO_INSTALL: '0' }),
  },
  {
    marker: 'go',
    directory: inHome('GOPATH', 'go'),
    parts: ['bin', 'pkg/mod'],
    environment: (directory) => ({
      GOPATH: directory,
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
      GOCACHE: '/tmp/go-build',
    }),
  },
  {
    marker: 'pyenv',
    directory: inHome('PYENV_ROOT', '.pyenv'),
    parts: ['bin', 'libexec', 'shims', 'versions', 'plugins', 'completions', 'pyenv.d', 'version'],
    environment: (directory) => ({ PYENV_ROOT: directory }),
  },
];

const hasProgram = async (directories: readonly string[], program: string): Promise<boolean> => {
  for (const directory of directories) if ((await existing(join(directory, program))) !== null) return true;
  return false;
};

const pathDirectories = async (outer: OuterEnvironment): Promise<string[]> => {
  const wanted = outer.path.split(delimiter).filter((entry) => isAbsolute(entry));
  const found: string[] = [];
  for (const directory of new Set(wanted)) {
    if ((await existing(directory)) === null) continue;
    const allowed =
      isSystem(directory) ||
      (programDirectories.has(basename(directory)) && mayBeSeen(directory, outer.home));
    if (allowed) found.push(directory);
  }
  return found;
};

const withoutCovered = (paths: readonly string[]): string[] => {
  const sorted = [...new Set(paths)].sort();
  return sorted.filter((path) => !sorted.some((other) => other !== path && isWithin(path, other)));
};

/** Finds what is on PATH, and only that; `node` is our own when there is no other. */
export const findToolchains = async (outer: OuterEnvironment, ownNode: string): Promise<Toolchains> => {
  const directories = await pathDirectories(outer);
  if (!(await hasProgram(directories, 'node'))) directories.push(dirname(ownNode));
  const paths: string[] = [...directories];
  for (const directory of directories) {
    for (const program of programs) paths.push(...(await homesOfProgram(directory, program)));
  }
  let environment: Record<string, string> = {};
  for (const language of languageHomes) {
    if (!(await hasProgram(directories, language.marker))) continue;
    const directory = language.directory(outer);
    paths.push(...language.parts.map((part) => join(directory, part)));
    environment = { ...environment, ...language.environment(directory) };
  }
  const seen = await Promise.all(
    paths.filter((path) => !isSystem(path) && mayBeSeen(path, outer.home)).map(existing),
  );
  return {
    paths: withoutCovered(seen.filter((path) => path !== null)),
    environment: { ...environment, PATH: directories.join(delimiter) },
  };
};
