export type { CommandEnvelope } from './command-envelope.ts';
export {
  type CommandHandler,
  type CommandHandlerOptions,
  type CommandResult,
  commandHandler,
} from './command-handling.ts';
export { type Decider, decideFully } from './decider.ts';
export { idFrom } from './made-id.ts';
export { type Patience, type PatienceOptions, patience } from './patience.ts';
export { patientBlobs, patientStore } from './patient-ports.ts';
export {
  type Processor,
  type ProcessorHandler,
  type ProcessorOptions,
  type ProcessorRetry,
  processor,
} from './processor.ts';
export { openSession, type SessionOptions, type StreamSession } from './stream-session.ts';
export { type FoldedStream, foldStream } from './stream-state.ts';
export { isTransient } from './transient-errors.ts';
