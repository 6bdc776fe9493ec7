import { Option } from 'commander';
import type { PlanFlags } from '../runs/plan-prd.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura plan PRD.md
  partitura plan PRD.md --mermaid flowchart --quiet > plan.mmd
  partitura plan PRD.md --svg plan.svg`;

export const plan: RegisterCommand = (program, start) => {
  program
    .command('plan')
    .summary('tasks, critical path, estimate and risks; nothing is executed')
    .description(
      'Plans only: tasks with their critical path, an estimate, risks and questions. Nothing is executed.',
    )
    .argument('<prd>', 'a file, - for standard input, or a goal in plain words')
    .option('--repo <path-or-url>', 'repository that it is planned for')
    .option('--base <branch>', 'branch to start from')
    .option('--workflow <name-or-file>', 'way of working (default: architect-plan-swarm)')
    .option('--model <provider/model>', 'model that plans')
    .addOption(new Option('--rehearse', 'ask no model: no key, no network, no cost').conflicts('model'))
    .addOption(
      new Option('--mermaid [kind]', 'print a Mermaid diagram instead').choices(['gantt', 'flowchart']),
    )
    .option('--svg <file>', 'write the schedule as an SVG drawing')
    .addHelpText('after', examples)
    .action((prd: string, flags: PlanFlags) =>
      start(async (context) => (await import('../runs/plan-prd.ts')).planPrd(prd, flags, context)),
    );
};
