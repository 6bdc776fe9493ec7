import type { RunEvent } from '@partitura/shared/events';

/** By event type, what its data is. */
export type RunEventData = { [Type in RunEvent['type']]: Extract<RunEvent, { type: Type }>['data'] };
