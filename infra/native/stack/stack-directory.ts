import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isAlive, type ProcessIdentity, recordedProcess } from '../process-identity.ts';
import { processFile, wantedFile } from '../program.ts';
import { type EngineName, engineNames, engines } from './engines.ts';

/** An engine that was up. */
export interface EngineRecord {
  readonly port: number;
  /** With its credentials. */
  readonly url: string;
  /** null: it ends with whoever started it. */
  readonly process: ProcessIdentity | null;
}

/**
 * What is known of a stack: `stack.json` (for its owner's eyes: it has passwords), `environment` to be sourced, a lock, and one
 * directory for each engine.
 */
export interface StackDirectory {
  readonly path: string;
  readonly environmentFile: string;
  engineDirectory(name: EngineName): string;
  /** Made by chance once, and kept. */
  password(name: EngineName): string;
  /** How it last was up. */
  recorded(name: EngineName): EngineRecord | null;
  record(name: EngineName, record: EngineRecord): void;
  /** The process that was started last and is there still; it may not be ready yet. */
  runningProcess(name: EngineName): ProcessIdentity | null;
  /** From here on none is started that was on its way to be: see `record-and-run.sh`. */
  takeBack(name: EngineName): void;
  /** Writes the URLs of all that is recorded. */
  writeEnvironment(): void;
  /** Deletes all of it. */
  wipe(): void;
}

interface StackState {
  readonly passwords: Partial<Record<EngineName, string>>;
  readonly engines: Partial<Record<EngineName, EngineRecord>>;
}

const isState = (value: unknown): value is StackState =>
  typeof value === 'object' && value !== null && 'passwords' in value && 'engines' in value;

const stateFile = 'stack.json';

/** Created when it is not there, for its owner only. */
export const openStackDirectory = (directory: string): StackDirectory => {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const state = readState(path);
  const engineDirectory = (name: EngineName): string => join(path, name);

  const save = (): void => writePrivately(join(path, stateFile), `${JSON.stringify(state, null, 2)}\n`);

  return {
    path,
    environmentFile: join(path, 'environment'),
    engineDirectory,
    password: (name) => {
      const known = state.passwords[name];
      if (known !== undefined) return known;
      const password = randomBytes(18).toString('base64url');
      state.passwords[name] = password;
      save();
      return password;
    },
    recorded: (name) => state.engines[name] ?? null,
    record: (name, record) => {
      state.engines[name] = record;
      save();
    },
    runningProcess: (name) => {
      const found = recordedProcess(join(engineDirectory(name), processFile));
      return found && isAlive(found) ? found : null;
    },
    takeBack: (name) => rmSync(join(engineDirectory(name), wantedFile), { force: true }),
    writeEnvironment: () => {
      const lines = engineNames.map((name) => {
        const url = state.engines[name]?.url;
        return url === undefined ? '' : `export ${engines[name].variable}='${url}'\n`;
      });
      writePrivately(join(path, 'environment'), lines.join(''));
    },
    wipe: () => rmSync(path, { recursive: true, force: true }),
  };
};

/** @throws {Error} when it is there and is no directory of a stack: what is deleted must be ours */
export const existingStackDirectory = (directory: string): StackDirectory | null => {
  const path = resolve(directory);
  if (!existsSync(path)) return null;
  if (!existsSync(join(path, lockFile))) throw new Error(`${path} is not the directory of a stack.`);
  return openStackDirectory(path);
};

const readState = (path: string): { -readonly [Key in keyof StackState]: StackState[Key] } => {
  const file = join(path, stateFile);
  if (!existsSync(file)) return { passwords: {}, engines: {} };
  const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isState(state)) throw new Error(`${file} is not what a stack has written.`);
  return state;
};

const writePrivately = (file: string, text: string): void => {
  writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
};

const lockFile = 'lock.sqlite';

/**
 * One at a time in a directory. The lock is the operating system's and ends with the process, however that ends.
 * @throws {Error} when another process has it
 */
export const lockStack = (directory: string): { release(): void } => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Two that come in the same moment hold each other off; with a moment's patience one of them gets it.
  const lock = new DatabaseSync(join(directory, lockFile), { timeout: 500 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(`Another up or down is at work in ${directory}; try again when it is done.`, {
      cause: error,
    });
  }
  return { release: () => lock.close() };
};
