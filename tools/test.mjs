// Runs the tests of all projects through Nx (which skips what has not changed) and adds up what Jest said.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

const startedAt = performance.now();
const totals = { 'Test Suites': new Map(), Tests: new Map() };

/** Takes Jest's own summary line, such as `Tests: 1 failed, 3 passed, 4 total`. */
function count(line) {
  const [, name, counts] = /^(Test Suites|Tests):\s+(.+ total)/.exec(stripVTControlCharacters(line)) ?? [];
  for (const [, number, outcome] of counts?.matchAll(/(\d+) ([a-z]+)/g) ?? []) {
    totals[name].set(outcome, (totals[name].get(outcome) ?? 0) + Number(number));
  }
}

const sum = (name, outcome) => totals[name].get(outcome) ?? 0;

const nx = spawn(
  'sh',
  [
    'tools/nx.sh',
    'run-many',
    '--targets=test',
    '--parallel=2',
    '--output-style=static',
    // Who checks a change wants to see it pass, not to hear that it once did.
    ...(process.env.CI ? ['--skip-nx-cache'] : []),
    ...process.argv.slice(2),
  ],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...process.env },
  },
);

createInterface({ input: nx.stdout }).on('line', (line) => {
  count(line);
  console.log(line);
});

nx.on('close', (code) => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `\nAll projects, in ${seconds} s: ${sum('Test Suites', 'passed')} suites passed, ${sum('Test Suites', 'failed')} failed`,
  );
  const skipped = sum('Tests', 'skipped') + sum('Tests', 'todo');
  console.log(
    `Tests: ${sum('Tests', 'passed')} passed, ${sum('Tests', 'failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  process.exitCode = code ?? 1;
});
