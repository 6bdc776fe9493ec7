import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layeredTasks } from './plan.ts';
import { runSwarm, type SwarmResult } from './run-swarm.ts';

export interface Swarm extends SwarmResult {
  readonly maxRssMiB: number;
}

/**
 * `process.ts SWARMS LAYERS WIDTH AGENTS MODEL_MS`: swarms one after the other in a process of their own, each with data
 * directory, store and services of its own. JSON on stdout: each swarm, with the most memory the process had until its end.
 */
const [swarms = 1, layers = 10, width = 100, maxAgents = 100, modelMs = 0] = process.argv
  .slice(2)
  .map(Number);
const results: Swarm[] = [];
for (let swarm = 0; swarm < swarms; swarm += 1) {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-bench-'));
  const result = await runSwarm({ directory, tasks: layeredTasks(layers, width), maxAgents, modelMs });
  await rm(directory, { recursive: true, force: true });
  results.push({ ...result, maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
}
process.stdout.write(JSON.stringify(results));
