import {
  askByType,
  type ByType,
  type MergeEvent,
  type RecordedEvent,
  type RunEvent,
} from '@partitura/shared/events';
import type { RunChange } from '@partitura/shared/http';
import { asSentence } from './change.ts';

type Told = Omit<RunChange, 'before' | 'position'>;

const keyOf = (taskId: string): string => taskId.slice(taskId.indexOf('.') + 1);

/** Of the way between two states, which the states themselves do not have. */
const tellings: ByType<(RunEvent | MergeEvent)['type'], [], [], Told> = {
  'phase.entered': ({ phase, visit, act }) => ({
    subject: 'phase',
    id: phase,
    change: 'entered',
    sentence: `Phase ${phase} was entered${visit > 1 ? ` again, in visit ${visit}` : ''}.`,
    after: { visit, act },
  }),
  'phase.completed': ({ phase, visit }) => ({
    subject: 'phase',
    id: phase,
    change: 'completed',
    sentence: `Phase ${phase} was completed.`,
    after: { visit },
  }),
  'merge.completed': ({ taskId, attemptId, commit }) => ({
    subject: 'merge',
    id: commit,
    change: 'merged',
    sentence: `${keyOf(taskId)} was merged: ${commit.slice(0, 12)}.`,
    after: { taskId, attemptId, commit },
  }),
  'merge.conflicted': ({ taskId, attemptId, files }) => ({
    subject: 'merge',
    id: attemptId,
    change: 'conflicted',
    sentence: `${keyOf(taskId)} conflicted with the run's branch in ${files.join(', ')}.`,
    after: { taskId, attemptId, files },
  }),
  'merge.rejected': ({ taskId, attemptId, problem }) => ({
    subject: 'merge',
    id: attemptId,
    change: 'rejected',
    sentence: asSentence(`${keyOf(taskId)} was not merged: ${problem.message}`),
    after: { taskId, attemptId, problem },
  }),
};

export const happeningTypes: readonly string[] = Object.keys(tellings);

export const happeningOf = (event: RecordedEvent): readonly RunChange[] => {
  const told = askByType(tellings, event, [], []);
  return told ? [{ ...told, before: null, position: event.position }] : [];
};
