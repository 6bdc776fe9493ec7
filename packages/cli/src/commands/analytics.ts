import type { AnalyticsFlags, Question } from '../requests/analytics.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura analytics costs --since 2026-10-01 --until 2026-11-01 --by model,project
  partitura analytics agents --by agentType --json | jq .totals
  partitura analytics parallelism --run r_7k2`;

const questions: readonly (readonly [name: Question, summary: string])[] = [
  ['costs', 'calls, tokens and money'],
  ['throughput', 'tasks and runs, and how long they took'],
  ['agents', 'attempts, and what came of them'],
  ['quality', 'gates, checks, findings, conflicts and reuse'],
  ['parallelism', 'agents at once, and the critical path foretold and real'],
];

export const analytics: RegisterCommand = (program, start) => {
  const group = program
    .command('analytics')
    .summary('what it costs and how well it goes')
    .description('Figures over any time, told apart by organisation, project, run, phase and so on.')
    .addHelpText('after', examples);
  for (const [name, summary] of questions)
    group
      .command(name)
      .summary(summary)
      .description(`Figures: ${summary}. A day is its midnight in UTC.`)
      .option('--since <time>', 'from this date or time on')
      .option('--until <time>', 'up to this date or time, without it')
      .option(
        '--by <names>',
        'some of organization, project, run, phase, agentType, model, day, month, with commas',
      )
      .option('--project <id>', 'of this project only: an id or its beginning')
      .option('--run <id>', 'of this run only: an id or its beginning')
      .option('--model <model>', 'of this model only: provider/model')
      .option('--agent-type <type>', 'of this type of agent only')
      .option('--phase <phase>', 'of this phase only')
      .option('--workflow <name>', 'of this workflow only')
      .addHelpText('after', examples)
      .action((flags: AnalyticsFlags) =>
        start(async (context) => (await import('../requests/analytics.ts')).analytics(name, flags, context)),
      );
};
