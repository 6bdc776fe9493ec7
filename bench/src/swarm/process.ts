import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layeredTasks } from './plan.ts';
import { runSwarm } from './run-swarm.ts';

/** `process.ts LAYERS WIDTH AGENTS MODEL_MS`: one swarm in a process of its own, so that its memory is its own; JSON on stdout. */
const [layers = 10, width = 100, maxAgents = 100, modelMs = 0] = process.argv.slice(2).map(Number);
const directory = await mkdtemp(join(tmpdir(), 'partitura-bench-'));
const result = await runSwarm({ directory, tasks: layeredTasks(layers, width), maxAgents, modelMs });
await rm(directory, { recursive: true, force: true });
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ ...result, maxRssMiB: Math.round(maxRSS / 1024) }));
