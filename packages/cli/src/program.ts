import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import type { Context, GlobalFlags } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Output, outputTo, type Sink } from './output/output.ts';
import { reportError } from './output/report-error.ts';
import { type TerminalStream, terminalOf } from './screen/terminal.ts';

/** The process, as far as the program touches it. */
export interface Host
  extends Pick<Context, 'version' | 'workingDirectory' | 'environment' | 'stdin' | 'signals' | 'exit'> {
  readonly stdout: Sink & TerminalStream;
  readonly stderr: Sink & TerminalStream;
}

const examples = `
Examples:
  partitura run PRD.md                      from a PRD to a merged branch
  partitura run "a link shortener with a click counter"
  partitura plan PRD.md                     tasks, critical path and estimate; nothing is executed
  partitura ps                              what there is
  partitura resume r_7k2m9x4tqa             go on where a run stopped

Without a server the command serves itself from --data. See \`partitura help COMMAND\` for each.`;

/** The whole command line, on a host. Its commands are not run before `parseAsync`. */
export const programOn = (host: Host, finish: (code: ExitCode) => void): Command => {
  const program = new Command('partitura')
    .description('Turns a PRD into reviewed, tested, merged commits, and records every decision.')
    .version(host.version, '-V, --version', 'print the version')
    .option('--json', 'print one JSON document on stdout')
    .option('--events', 'print events as NDJSON on stdout')
    .option('--url <url>', 'server to talk to (default: the one that runs here, or none)')
    .option('--data <dir>', 'data directory (default: ./.partitura)')
    .option('--organization <id>', 'act for this organisation (for owners of the installation)')
    .option('-q, --quiet', 'print results and errors only')
    .option('--no-input', 'never ask; nobody is there to answer')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addHelpText('after', examples)
    .exitOverride();
  const start = async (work: (context: Context) => Promise<ExitCode>): Promise<void> => {
    finish(await work(contextOn(host, program.opts<GlobalFlags>())));
  };
  for (const register of commands) register(program, start);
  for (const command of [program, ...descendants(program)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // Told once, with the other errors: see `usageError`.
      outputError: () => undefined,
    });
  }
  return program;
};

const descendants = (command: Command): readonly Command[] =>
  command.commands.flatMap((one) => [one, ...descendants(one)]);

const outputOf = (host: Host, { json, events, quiet }: Partial<GlobalFlags>): Output =>
  outputTo({
    json: json === true,
    events: events === true,
    quiet: quiet === true,
    stdout: host.stdout,
    stderr: host.stderr,
  });

const contextOn = (host: Host, flags: GlobalFlags): Context => {
  if (flags.json && flags.events)
    throw usageError('Either --json or --events: stdout can carry one of them.', null);
  const output = outputOf(host, flags);
  return {
    ...host,
    flags,
    output,
    terminal: terminalOf(output.carriesData ? host.stderr : host.stdout, host.environment),
  };
};

/** Runs the command line to its end; never rejects. */
export const runProgram = async (args: readonly string[], host: Host): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.done;
  const program = programOn(host, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // Help was printed in place of a command that is missing.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.unusableInput;
    // What was mistyped may be a flag before it: what is asked for is read from the words themselves.
    const output = outputOf(host, { json: args.includes('--json') });
    return reportError(error instanceof CommanderError ? fromCommander(error) : error, output);
  }
};

const fromCommander = ({ message }: CommanderError): Error => {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  return usageError(
    `${what.charAt(0).toUpperCase()}${what.slice(1)}.`,
    suggestion ?? 'See: partitura --help',
  );
};

const usageError = (message: string, advice: string | null): Error =>
  Object.assign(new Error(message), { code: 'USAGE', advice, problems: [] });
