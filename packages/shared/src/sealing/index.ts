export { type Sealing, sealEnd } from './append-seal.ts';
export { type Finding, type FindingKind, findingKinds } from './findings.ts';
export { type LogChain, linked } from './log-chain.ts';
export { type Seal, sealStream } from './seal.ts';
export { type Sealer, type SealerOptions, sealer } from './sealer.ts';
export {
  fingerprintOf,
  isSignedBy,
  type Signing,
  type SigningKey,
  signingKeyFrom,
} from './signing-key.ts';
export { witnessed } from './sqlite-witness.ts';
export { streamVerifier } from './stream-verifier.ts';
export { type LocalLog, runsInLocalLog, verifyLocalLog, verifyLocalRun } from './verify-local.ts';
export { type LogVerdict, type Verification, verifyLog } from './verify-log.ts';
export { verifyRun } from './verify-run.ts';
export type { Witness, WitnessedEvent } from './witness.ts';
