import type { WhyFlags } from '../requests/why.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura why src/app.ts:42
  partitura why src/app.ts:42 --run r_7k2 --json | jq .requirements
  partitura why src/app.ts`;

export const why: RegisterCommand = (program, start) => {
  program
    .command('why')
    .summary('why a line is as it is')
    .description(
      'Goes from a line to its commit, task, agent, prompt and answer, and to the line of the PRD it is for. Without a line: the file’s commits.',
    )
    .argument('<file[:line]>', 'as it stands in this work tree; with --run or --project, in the repository')
    .option('--run <run>', 'as it stands on the run’s branch')
    .option('--project <id>', 'as it stands on the project’s base branch')
    .option('--commit <commit>', 'as it stands in this commit')
    .addHelpText('after', examples)
    .action((file: string, flags: WhyFlags) =>
      start(async (context) => (await import('../requests/why.ts')).why(file, flags, context)),
    );
};
