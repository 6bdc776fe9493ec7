import { Option } from 'commander';
import { countFlag, dollarsFlag } from '../input/amounts.ts';
import type { RunFlags } from '../runs/run-flags.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura run PRD.md
  partitura run PRD.md --repo . --base main --budget-usd 5
  partitura run "a link shortener with a click counter" --rehearse
  cat PRD.md | partitura run - --json

Exit codes: 0 done, 1 error, 2 unusable input, 3 failed checks or dead-lettered tasks, 4 not authorised,
5 waits for an approval (with --no-input), 6 stopped by budget, 130 interrupted (the run can be resumed).`;

export const run: RegisterCommand = (program, start) => {
  program
    .command('run')
    .summary('from a PRD to a merged branch, shown until it ends')
    .description(
      'Project, plan, swarm, merge: shows progress until it ends. Without a model key it rehearses.',
    )
    .argument('<prd>', 'a file, - for standard input, or a goal in plain words')
    .option('--repo <path-or-url>', 'repository to work on (default: a new one, ./<prd-name>)')
    .option('--base <branch>', 'branch to start from (default: the one that is checked out)')
    .option('--workflow <name-or-file>', 'way of working (default: architect-plan-swarm)')
    .option('--model <provider/model>', 'model that agents ask')
    .addOption(new Option('--rehearse', 'ask no model: no key, no network, no cost').conflicts('model'))
    .option('--budget-usd <amount>', 'most that may be spent, in US dollars', dollarsFlag)
    .option('--budget-tokens <count>', 'most tokens that may be used', countFlag('tokens'))
    .option('--max-agents <count>', 'agents that work at once', countFlag('agents', 10_000))
    .option('--step', 'stop before each task until told to go on')
    .option('--detach', 'hand over to a server and return')
    .option('-y, --yes', 'go on without uncommitted changes, and do not ask')
    .addHelpText('after', examples)
    .action((prd: string, flags: RunFlags) =>
      start(async (context) => (await import('../runs/start-run.ts')).startRun(prd, flags, context)),
    );
};
