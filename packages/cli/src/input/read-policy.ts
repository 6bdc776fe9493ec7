import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OperationInput, Operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { parse } from 'yaml';

export type Policy = OperationInput<Operations['backtestPolicy']>['body']['policy'];

const unreadable = (given: string, why: string): PartituraError =>
  new PartituraError('INVALID_INPUT', `The policy ${given} ${why}`, {
    advice: 'Write it as YAML or JSON, for example: {"budget": {"usd": 2}, "retries": {"maxAttempts": 2}}',
  });

/** A policy as a file has it. Which settings there are, and what they may be, the server says. @throws {PartituraError} `INVALID_INPUT` */
export const readPolicy = async (given: string, workingDirectory: string): Promise<Policy> => {
  const text = await readFile(resolve(workingDirectory, given), 'utf8').catch((error: unknown) => {
    throw unreadable(given, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  let policy: unknown;
  try {
    policy = parse(text);
  } catch (error) {
    throw unreadable(given, `is neither JSON nor YAML: ${error instanceof Error ? error.message : ''}`);
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy))
    throw unreadable(given, 'names no setting.');
  return policy;
};
