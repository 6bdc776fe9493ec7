import type { AgentEvent, MergeEvent, PlanEvent, RunEvent } from '@partitura/shared/events';
import type { Line } from './line.ts';
import type { RunView, TaskView } from './run-view.ts';

export type WatchedEvent = RunEvent | PlanEvent | AgentEvent | MergeEvent;

/** When and where an event was recorded. */
export interface Occasion {
  readonly at: number;
  /** The id in its stream's name. */
  readonly streamId: string;
}

export type Handlers<Event extends WatchedEvent> = {
  readonly [Type in Event['type']]?: (
    view: RunView,
    data: Extract<Event, { readonly type: Type }>['data'],
    occasion: Occasion,
  ) => readonly Line[];
};

export const nothing: readonly Line[] = [];

/** `r_7k2.T4.a1` and `r_7k2.T4` are both of `r_7k2.T4`. */
export const taskOf = (view: RunView, id: string): TaskView | undefined =>
  view.tasks.get(id.replace(/\.a\d+$/, ''));

export const keyOf = (view: RunView, id: string): string =>
  taskOf(view, id)?.key ?? id.replace(/\.a\d+$/, '').replace(/^[^.]*\./, '');
