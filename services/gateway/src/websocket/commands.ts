import { isOperationName, type Operation, type OperationName, operations } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { CallInput } from '../operation-caller.ts';
import type { Command } from './messages.ts';

/** Where REST takes the same command. */
const paths = {
  pause: { run: '/runs/:id/pause', project: '/projects/:id/pause' },
  resume: { run: '/runs/:id/resume', project: '/projects/:id/resume' },
  message: { agent: '/agents/:id/messages' },
} as const satisfies Readonly<Record<Command['command'], Readonly<Record<string, string>>>>;

const postedAt = (path: string | undefined): OperationName => {
  const [name] =
    Object.entries(operations).find(([, one]) => one.method === 'POST' && one.path === path) ?? [];
  if (name !== undefined && isOperationName(name)) return name;
  throw new PartituraError('OPERATION_NOT_AVAILABLE', `This server takes no ${path ?? 'such command'}.`);
};

/**
 * The operation a command stands for, with its input as that has it.
 * @throws {PartituraError} `OPERATION_NOT_AVAILABLE`
 */
export const operationOf = (
  command: Command,
): { readonly name: OperationName; readonly input: CallInput } => {
  const [kind = '', ...rest] = command.target.split(':');
  const path: unknown = Reflect.get(paths[command.command], kind);
  const name = postedAt(typeof path === 'string' ? path : undefined);
  const { body }: Operation = operations[name];
  return {
    name,
    input: { params: { id: rest.join(':') }, query: {}, body: body ? body.parse(bodyOf(command)) : null },
  };
};

const bodyOf = (command: Command): object => {
  if (command.command === 'message') return { text: command.text };
  return command.reason === undefined ? {} : { reason: command.reason };
};
