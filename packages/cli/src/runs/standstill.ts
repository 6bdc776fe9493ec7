import type { RunView } from '../screen/run-view.ts';

/** Whether nothing more will happen unless somebody does something outside of this command. */
export const standsStill = (view: RunView, somebodyAnswers: boolean): boolean => {
  switch (view.phase.kind) {
    case 'ended':
      return true;
    case 'paused':
      // Who paused it by hand goes on by hand, and may do so while we look on.
      return view.phase.reason !== 'operator';
    case 'going':
      return !somebodyAnswers && view.approvals.size > 0 && !isBusy(view);
  }
};

const isBusy = (view: RunView): boolean =>
  [...view.tasks.values()].some(({ status }) => status === 'running' || status === 'submitted');
