import type { CloudEvent } from '@partitura/shared/http';
import { nothing, type Occasion } from './handlers.ts';
import type { Line, Piece } from './line.ts';
import { oneLine } from './line.ts';
import { runHandlers } from './run-handlers.ts';
import type { RunView } from './run-view.ts';
import { agentHandlers, mergeHandlers, planHandlers } from './work-handlers.ts';

type Handler = (view: RunView, data: never, occasion: Occasion) => readonly Line[];

const handlers = { ...runHandlers, ...planHandlers, ...agentHandlers, ...mergeHandlers } as Readonly<
  Record<string, Handler | undefined>
>;

/** Folds one event into the view and answers with what is to be said of it. */
export const observe = (view: RunView, event: CloudEvent): readonly Line[] => {
  const at = Date.parse(event.time);
  view.now = Math.max(view.now, at);
  view.lastPosition = event.position;
  const handler = handlers[event.type];
  if (!handler) return nothing;
  const lines = handler(view, event.data as never, {
    at,
    streamId: event.subject.slice(event.subject.indexOf('-') + 1),
  });
  // What began before is said before.
  return lines.length === 0 ? nothing : [...flushStarted(view), ...lines];
};

/** A line on the tasks that began since the last one, and how many still wait. */
export const flushStarted = (view: RunView): readonly Line[] => {
  const started = view.starting.splice(0);
  if (started.length === 0) return nothing;
  const pieces: Piece[] = started.map(({ key, title, agentType, attempt }) => ({
    mark: 'working',
    text: `${key} ${oneLine(title, 40)}  ${agentType}${attempt > 1 ? ` (attempt ${attempt})` : ''}`,
  }));
  const queued = [...view.tasks.values()].filter(({ work, status }) => work && status === 'queued').length;
  if (queued > 0) pieces.push({ mark: 'waiting', text: `${queued} queued` });
  return [{ at: started.at(-1)?.startedAt ?? view.now, pieces }];
};
