import type { OperationOutput, Operations } from '@partitura/shared/http';

export type WhyResource = OperationOutput<Operations['explainLine']>;
export type MissingLink = WhyResource['missing'][number];
export type ExplainedCommit = WhyResource['commits'][number];
export type Proof = NonNullable<WhyResource['task']>['event'];
