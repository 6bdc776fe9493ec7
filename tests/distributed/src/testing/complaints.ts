import { existsSync, readFileSync } from 'node:fs';
import type { ServiceProcess } from './service-process.ts';

/** Of `pino`. */
export const levels = { warn: 40, error: 50 } as const;
const mostCharacters = 1_000;

const isAsBad = (line: string, least: number): boolean => {
  if (!line.startsWith('{')) return false;
  const level: unknown = Reflect.get(Object(JSON.parse(line)), 'level');
  return typeof level === 'number' && level >= least;
};

/** What processes warned of, for whoever has to understand a failure on a machine that is gone. */
export const complaintsOf = (
  processes: readonly Pick<ServiceProcess, 'logFile'>[],
  least: number = levels.warn,
): readonly string[] =>
  processes.flatMap(({ logFile }) =>
    existsSync(logFile)
      ? readFileSync(logFile, 'utf8')
          .split('\n')
          .filter((line) => isAsBad(line, least))
          .map((line) => line.slice(0, mostCharacters))
      : [],
  );
