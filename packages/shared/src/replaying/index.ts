export {
  type Account,
  agreedUpTo,
  createAccount,
  type Refusal,
  type Replayed,
  type StreamAccount,
} from './account.ts';
export {
  closedQueue,
  closedStore,
  type ReplayClock,
  readOnlyBlobs,
  replayClock,
  withoutImports,
} from './read-only.ts';
export { decidesFrom, ownOf, type RecordedRunEvent, readUpTo, recordedRun } from './recorded-run.ts';
export {
  type Divergence,
  type ReplayCount,
  type ReplayInput,
  type ReplayPart,
  type ReplayReport,
  replayPart,
  replayReport,
} from './report.ts';
export { blobsOfRun, isLost } from './run-blobs.ts';
export { asOfSomeMoment, type Timeline, timeline } from './timeline.ts';
export { breathing, replayUntil } from './until.ts';
