import { countFlag, dollarsFlag } from '../input/amounts.ts';
import type { ForkFlags } from '../runs/fork-run.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura fork --at 0000000000000412
  partitura fork r_7k2m --at 2026-01-31T12:00:00Z --model anthropic/claude-opus-5-5 --budget-usd 5
  partitura fork r_7k2m --at 0000000000000412 --prompt eng-backend=backend.md --drop-task T4

What was answered by then is not paid again. Approvals are asked again. Find a position with: partitura history`;

const several = (one: string, others: readonly string[] = []): readonly string[] => [...others, one];

export const fork: RegisterCommand = (program, start) => {
  program
    .command('fork')
    .summary('a new run that goes on from where another one was')
    .description(
      'Makes a new run whose past is that of another one up to a position or a time, and shows it until it ends, like run.',
    )
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .requiredOption(
      '--at <position-or-time>',
      'the last thing that is still to have happened: a position as history tells it, or a time',
    )
    .option('--model <provider/model>', 'model that agents ask from there on')
    .option('--budget-usd <amount>', 'most that the fork may spend itself, in US dollars', dollarsFlag)
    .option('--budget-tokens <count>', 'most tokens that the fork may use itself', countFlag('tokens'))
    .option(
      '--prompt <agent-type=file-or-text>',
      'what agents of a type are told in place of the built-in prompt; may be given several times',
      several,
    )
    .option('--drop-task <task>', 'a task that is not to be done; may be given several times', several)
    .option('--detach', 'hand over to a server and return')
    .addHelpText('after', examples)
    .action((run: string | undefined, flags: ForkFlags) =>
      start(async (context) => (await import('../runs/fork-run.ts')).forkRun(run, flags, context)),
    );
};
