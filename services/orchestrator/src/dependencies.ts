import type { BlobStore } from '@partitura/shared/blobs';
import type { EventBus } from '@partitura/shared/event-bus';
import type { EventStore } from '@partitura/shared/event-store';
import type { Redactor } from '@partitura/shared/events';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Clock, Logger, Metrics } from '@partitura/shared/runtime';
import type { Workflow } from '@partitura/shared/workflows';

/** What a run is given where nobody says otherwise. */
export interface RunDefaults {
  readonly model: string;
  readonly fallbackModels: readonly string[];
  readonly maxAgents: number;
  readonly sandbox: 'required' | 'off';
}

export interface OrchestratorDependencies {
  readonly store: EventStore;
  readonly bus: EventBus;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly redactor: Redactor;
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly defaults: RunDefaults;
  /** In a folder of its own below these, an organisation may name repositories by path. Default: none. */
  readonly repositoryFolders?: readonly string[];
  /** Between two looks at all live runs, in milliseconds. Default 10,000. */
  readonly sweepEveryMs?: number;
  /** @throws {PartituraError} when there is no such model, or no key for it */
  readonly requireModel: (name: string) => void;
}
