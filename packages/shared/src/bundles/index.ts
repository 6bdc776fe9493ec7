export { isAsImported, isExcerpt } from './excerpts.ts';
export {
  type ImportDependencies,
  type Imported,
  importBundle,
  type KeptRepository,
} from './import-bundle.ts';
export { type ImportedHistory, importedHistory } from './imported-history.ts';
export { type BundleContent, type BundleManifest, manifestHash } from './manifest.ts';
export { type RunStreams, runNotFound, runStreams } from './run-events.ts';
export { type BundleFinding, type BundleVerdict, verifyBundle } from './verify-bundle.ts';
export { type BundleSources, bundleBytes, manifestOf, type RepositoryPart } from './write-bundle.ts';
