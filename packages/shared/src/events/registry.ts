import { agentEvents } from './agent-events.ts';
import type { EventContract, EventContracts } from './define.ts';
import type { Category } from './identifiers.ts';
import { knowledgeEvents } from './knowledge-events.ts';
import { mergeEvents } from './merge-events.ts';
import { planEvents } from './plan-events.ts';
import { processorEvents } from './processor-events.ts';
import { projectEvents } from './project-events.ts';
import { runEvents } from './run-events.ts';

/** What may stand in the streams of each category. */
export const registry: Readonly<Record<Category, EventContracts>> = {
  project: projectEvents,
  run: runEvents,
  plan: planEvents,
  agent: agentEvents,
  merge: mergeEvents,
  knowledge: knowledgeEvents,
  webhook: {},
  identity: {},
  processor: processorEvents,
};

const contracts: ReadonlyMap<string, EventContract> = new Map(Object.values(registry).flatMap((table) => Object.entries(table)));

/** @throws {RangeError} for a type that no table declares. */
export const versionOf = (type: string): number => {
  const found = contracts.get(type);
  if (!found) throw new RangeError(`No contract declares the event type "${type}".`);
  return found.version;
};
