import { cpus } from 'node:os';
import type { Benchmark, Round } from './benchmark.ts';
import { benchmarks } from './benchmarks.ts';
import { type Result, table } from './report.ts';

/** `npm run bench` runs all; `npm run bench append replay` the named ones. */
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => benchmarks.every((benchmark) => benchmark.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark is called ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

const describeRound = ({ ours, limit }: Round): string =>
  limit === null
    ? ours.toFixed(0)
    : `${ours.toFixed(0)} of ${limit.toFixed(0)} (${((ours / limit) * 100).toFixed(0)}%)`;

const measure = async (benchmark: Benchmark): Promise<Result> => {
  process.stderr.write(`${benchmark.name}: ${benchmark.method}\n`);
  await benchmark.round(-1);
  const rounds: Round[] = [];
  for (let index = 0; index < benchmark.rounds; index += 1) {
    globalThis.gc?.();
    const round = await benchmark.round(index);
    rounds.push(round);
    process.stderr.write(`  ${index + 1}/${benchmark.rounds}: ${describeRound(round)} ${benchmark.unit}\n`);
  }
  await benchmark.close?.();
  return { benchmark, rounds };
};

const results: Result[] = [];
for (const benchmark of benchmarks) {
  if (wanted.length === 0 || wanted.includes(benchmark.name)) results.push(await measure(benchmark));
}
process.stdout.write(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n\n${table(results)}\n`,
);
