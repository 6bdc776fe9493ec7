export type {
  HybridQuery,
  IndexedNode,
  KnowledgeChange,
  KnowledgeEdge,
  KnowledgeIndex,
  SearchHit,
  Within,
} from './port.ts';
export { openPostgresKnowledgeIndex } from './postgres/open.ts';
export type { PostgresKnowledgeIndexOptions } from './postgres/options.ts';
export { type FusedRank, fuseRankings } from './reciprocal-rank-fusion.ts';
export {
  openSqliteKnowledgeIndex,
  type SqliteKnowledgeIndexOptions,
} from './sqlite/open-sqlite-knowledge-index.ts';
