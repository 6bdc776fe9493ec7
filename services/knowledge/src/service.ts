import type { KnowledgeIndex } from '@partitura/shared/knowledge-index';
import type { Embedder } from '@partitura/shared/models';
import { commandHandler } from '@partitura/shared/processing';
import type { Service } from '@partitura/shared/runtime';
import { type ExtractionDependencies, extraction } from './extraction/extraction.ts';
import { indexing } from './indexing/indexing.ts';
import { knowledgeDecider } from './nodes/decider.ts';
import { knowledgeOperations } from './operations/knowledge-operations.ts';
import { retracting } from './operations/retracting.ts';
import { saying } from './operations/saying.ts';

export interface KnowledgeDependencies extends ExtractionDependencies {
  readonly index: KnowledgeIndex;
  readonly embedder: Embedder;
}

/** What agents decided, learned and solved, to be found again by the next one. */
export const knowledgeService = (dependencies: KnowledgeDependencies): Service => {
  const { index, embedder, store, clock } = dependencies;
  const knowledge = commandHandler(store, knowledgeDecider);
  const extracting = extraction(dependencies);
  const indexer = indexing(dependencies);
  return {
    name: 'knowledge',
    operations: {
      ...knowledgeOperations(index, embedder, indexer, store),
      ...saying(store, knowledge, clock),
      ...retracting({ store, index, indexing: indexer, knowledge, clock }),
    },
    components: [indexer, extracting],
    health: [extracting.health, indexer.health],
  };
};
