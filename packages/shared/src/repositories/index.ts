export type { CommitIdentity, InspectedRepository, InspectionOptions } from './port.ts';
