import type { BlobReference, RunConfiguration } from '@partitura/shared/events';
import { type Architecture, architecture, type PlanDocument, planDocument } from '@partitura/shared/planning';
import { type RequirementsAnswer, requirementsAnswer } from '@partitura/shared/prompts';
import type { PlannerDependencies } from '../dependencies.ts';
import { readDocument, readText } from './documents.ts';
import type { PlanState } from './state.ts';

/** The documents that planning works on, read from their blobs once. */
export interface PhaseMaterial {
  prd(): Promise<string>;
  requirements(state: PlanState): Promise<RequirementsAnswer | null>;
  architecture(state: PlanState): Promise<Architecture | null>;
  /** The plan that is to be changed; null where there is none. */
  basis(plan: BlobReference | null): Promise<PlanDocument | null>;
  files(signal: AbortSignal): Promise<readonly string[]>;
}

export const phaseMaterial = (
  { blobs, listFiles, logger }: Pick<PlannerDependencies, 'blobs' | 'listFiles' | 'logger'>,
  configuration: RunConfiguration,
): PhaseMaterial => {
  const read = new Map<string, Promise<unknown>>();
  const once = <Value>(key: string, load: () => Promise<Value>): Promise<Value> => {
    const known = read.get(key) as Promise<Value> | undefined;
    if (known !== undefined) return known;
    const loading = load();
    read.set(key, loading);
    return loading;
  };
  const document = <Document>(
    content: BlobReference | undefined,
    schema: Parameters<typeof readDocument<Document>>[2],
  ) => (content ? once(content.hash, () => readDocument(blobs, content, schema)) : Promise.resolve(null));

  /** A listing is a help, not a condition: without it the plan is made all the same. */
  const list = async (signal: AbortSignal): Promise<readonly string[]> => {
    const { repository } = configuration;
    if (!listFiles || repository === null) return [];
    return listFiles(repository, signal).catch((error: unknown) => {
      logger.warn({ error, repository: repository.url }, 'The repository’s files cannot be listed.');
      return [];
    });
  };

  return {
    prd: () => once('prd', () => readText(blobs, configuration.prd.content)),
    requirements: ({ found }) => document(found.requirements?.content, requirementsAnswer),
    architecture: ({ found }) => document(found.architecture?.content, architecture),
    basis: (plan) => document(plan ?? undefined, planDocument),
    files: (signal) => once('files', () => list(signal)),
  };
};
