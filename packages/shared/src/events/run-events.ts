import type { EventOf } from './define.ts';
import { runLifeEvents } from './run-life-events.ts';
import { runLimitEvents } from './run-limit-events.ts';
import { runTaskEvents } from './run-task-events.ts';

/** Stream `run-<id>`, owned by the orchestrator: everything that scheduling needs. */
export const runEvents = { ...runLifeEvents, ...runTaskEvents, ...runLimitEvents };
export type RunEvent = EventOf<typeof runEvents>;
