import type { ApiClient } from '@partitura/shared/http';
import type { Output } from '../output/output.ts';
import { observe } from '../screen/observe.ts';
import type { RunScreen } from '../screen/run-screen.ts';
import type { RunView } from '../screen/run-view.ts';

export interface FollowOptions {
  readonly client: ApiClient;
  readonly view: RunView;
  readonly screen: RunScreen;
  readonly output: Output;
  /** From where on lines are printed; what is before is only folded. Null prints all. */
  readonly saidUntil: string | null;
  /** Asked after each event that is new. */
  readonly enough: (view: RunView) => boolean;
  readonly signal: AbortSignal;
}

/** Reads a run's events from where the view is and goes on as they come, until it is enough or somebody interrupts. */
export const followRun = async (options: FollowOptions): Promise<void> => {
  const { client, view, screen, output, saidUntil, enough, signal } = options;
  for await (const event of client.events({ runId: view.runId, after: view.lastPosition, signal })) {
    const lines = observe(view, event);
    const known = saidUntil !== null && event.position <= saidUntil;
    if (known) {
      view.starting.length = 0;
      continue;
    }
    output.event(event);
    screen.print(lines);
    if (enough(view)) return;
  }
};
