import { countFlag } from '../input/amounts.ts';
import type { BacktestFlags } from '../requests/backtest.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
A policy, as YAML or JSON; what is left out stays as each run had it:
  budget:        { usd: 2, tokens: 500000, wallMs: 600000 }
  retries:       { maxAttempts: 2, maxCycles: 2, taskTimeoutMs: 600000 }
  gates:         { blocking: block_critical }
  loopDetection: { maxRepeats: 2, maxTurns: 20 }

Examples:
  partitura backtest --policy policy.yaml
  partitura backtest --policy policy.yaml r_7k2 r_9x4 --json | jq .total`;

export const backtest: RegisterCommand = (program, start) => {
  program
    .command('backtest')
    .summary('try another policy on past runs')
    .description(
      'Says what another budget, retry, gate or loop setting would have stopped in past runs, what that would have saved, and what it would have stopped wrongly.',
    )
    .argument('[runs...]', 'ids or their beginnings (default: the latest runs)')
    .requiredOption('--policy <file>', 'the settings to try')
    .option('--project <id>', 'runs of this project only')
    .option('--since <time>', 'runs since then, for example 2026-01-31T12:00:00Z')
    .option('-n, --limit <count>', 'how many runs at the most', countFlag('runs', 200), 50)
    .addHelpText('after', examples)
    .action((runs: string[], flags: BacktestFlags) =>
      start(async (context) => (await import('../requests/backtest.ts')).backtest(runs, flags, context)),
    );
};
