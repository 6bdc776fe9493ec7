import { agentEvents } from './agent-events.ts';
import { auditEvents } from './audit-events.ts';
import { bundleEvents } from './bundle-events.ts';
import { commandEvents } from './command-events.ts';
import type { EventContract, EventContracts, EventOf } from './define.ts';
import type { Category } from './identifiers.ts';
import { identityEvents } from './identity-events.ts';
import { knowledgeEvents } from './knowledge-events.ts';
import { mergeEvents } from './merge-events.ts';
import { planEvents } from './plan-events.ts';
import { processorEvents } from './processor-events.ts';
import { projectEvents } from './project-events.ts';
import { quotaEvents } from './quota-events.ts';
import { runEvents } from './run-events.ts';
import { sealEvents } from './seal-events.ts';
import { upcastData } from './upcasting.ts';
import { webhookEvents } from './webhook-events.ts';
import { workflowEvents } from './workflow-events.ts';

/** What may stand in the streams of each category. */
export type ContractTables = Readonly<Partial<Record<Category, EventContracts>>>;

const tables = {
  project: projectEvents,
  run: runEvents,
  plan: planEvents,
  agent: agentEvents,
  merge: mergeEvents,
  knowledge: knowledgeEvents,
  workflow: workflowEvents,
  webhook: webhookEvents,
  identity: identityEvents,
  audit: auditEvents,
  command: commandEvents,
  quota: quotaEvents,
  processor: processorEvents,
  seal: sealEvents,
  bundle: bundleEvents,
} satisfies Readonly<Record<Category, EventContracts>>;

export const registry: Readonly<Record<Category, EventContracts>> = tables;

/** What may be said in streams of these categories. */
export type FactIn<In extends Category> = { [One in In]: EventOf<(typeof tables)[One]> }[In];

/** What is wrong with an event, field by field; `path` is dotted, and empty for the data as a whole. */
export type ContractProblems = readonly { readonly path: string; readonly message: string }[];

export type Validation =
  | {
      readonly valid: true /** A copy, with nothing in it that the contract does not declare. */;
      readonly data: unknown;
    }
  | { readonly valid: false; readonly problems: ContractProblems };

/** The contracts, as a store asks for them. */
export interface EventRegistry {
  /** @throws {RangeError} for a type that no table declares */
  versionOf(type: string): number;
  /** Whether the event may stand in a stream of this category: its type, its version and its data. */
  validate(category: Category, type: string, version: number, data: unknown): Validation;
  /**
   * The data as the type's current version has it.
   * @throws {RangeError} for a type or a version that is not known: a newer program wrote it
   */
  upcast(type: string, version: number, data: unknown): { readonly version: number; readonly data: unknown };
}

const invalid = (path: string, message: string): Validation => ({
  valid: false,
  problems: [{ path, message }],
});

/** @throws {TypeError} when two tables declare one type with two contracts: its data could not be read without its stream. */
export const createEventRegistry = (tables: ContractTables): EventRegistry => {
  const contracts = new Map<string, EventContract>();
  for (const [type, contract] of Object.values(tables).flatMap((table) => Object.entries(table))) {
    if ((contracts.get(type) ?? contract) !== contract) throw new TypeError(`"${type}" has two contracts.`);
    contracts.set(type, contract);
  }
  const owned = new Map(
    Object.entries(tables).map(([category, table]) => [category, new Map(Object.entries(table))]),
  );

  const contractOf = (type: string): EventContract => {
    const found = contracts.get(type);
    if (!found) throw new RangeError(`No contract declares the event type "${type}".`);
    return found;
  };

  return {
    versionOf: (type) => contractOf(type).version,
    validate: (category, type, version, data) => {
      const contract = owned.get(category)?.get(type);
      if (!contract) return invalid('type', `streams of the category ${category} do not have this type`);
      if (version !== contract.version)
        return invalid('version', `the current version is ${contract.version}, not ${version}`);
      const parsed = contract.schema.safeParse(data);
      if (parsed.success) return { valid: true, data: parsed.data };
      return {
        valid: false,
        problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      };
    },
    upcast: (type, version, data) => {
      const contract = contractOf(type);
      if (version === contract.version) return { version, data };
      return { version: contract.version, data: upcastData(type, contract, version, data) };
    },
  };
};

/** The contracts of Partitura. */
export const eventRegistry: EventRegistry = createEventRegistry(registry);

/** @throws {RangeError} for a type that no table declares. */
export const versionOf = (type: string): number => eventRegistry.versionOf(type);
