import type { Command } from 'commander';

/** The program as completion sees it. */
export interface CommandNode {
  /** Words after `partitura`, for example `knowledge search`; empty for the program itself. */
  readonly path: string;
  readonly summary: string;
  readonly subcommands: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly FlagNode[];
  /** Whether its arguments may name files. */
  readonly takesFiles: boolean;
}

export interface FlagNode {
  readonly names: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Every command, the program first: what there is to complete is what there is to parse. */
export const commandTree = (program: Command): readonly CommandNode[] =>
  nodesBelow(program, '', flagsOf(program));

const nodesBelow = (command: Command, path: string, globals: readonly FlagNode[]): readonly CommandNode[] => {
  const subcommands = command.commands.map((one) => ({
    name: one.name(),
    summary: one.summary() || one.description(),
  }));
  const own: CommandNode = {
    path,
    summary: command.summary() || command.description(),
    subcommands,
    flags: path === '' ? globals : [...flagsOf(command), ...globals],
    takesFiles: command.registeredArguments.some((argument) => fileArguments.has(argument.name())),
  };
  return [
    own,
    ...command.commands.flatMap((one) =>
      nodesBelow(one, path === '' ? one.name() : `${path} ${one.name()}`, globals),
    ),
  ];
};

const fileArguments: ReadonlySet<string> = new Set(['prd', 'file']);

const flagsOf = (command: Command): readonly FlagNode[] => [
  ...command.options.map(({ long, short, description, required, optional, argChoices }) => ({
    names: [long, short].filter((name) => typeof name === 'string'),
    summary: description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  })),
  { names: ['--help', '-h'], summary: 'show help', takesValue: false, choices: [] },
];
