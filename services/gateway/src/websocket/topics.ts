import type { OperationName } from '@partitura/shared/http';
import type { Following } from '../events/following.ts';
import type { CallInput } from '../operation-caller.ts';

interface Reading {
  readonly operation: OperationName;
  readonly input: CallInput;
}

/** What a topic follows, and what says how it stands. */
export interface Topic {
  readonly following: Following;
  /** At the position, or at least as new. */
  stateAt(position: string): Reading;
  /** Only whether it is there for whoever asks. */
  readonly presence: Reading;
}

const kinds = {
  project: { read: 'getProject', state: 'getProject', field: 'projectId', moment: 'after' },
  // Exactly as it stood there: nothing that follows is in it already.
  run: { read: 'getRun', state: 'getRunState', field: 'runId', moment: 'at' },
  task: { read: 'getTask', state: 'getTask', field: 'taskId', moment: 'after' },
  agent: { read: 'getAgent', state: 'getAgent', field: 'agentId', moment: 'after' },
} as const;
type Kind = keyof typeof kinds;

const runsShown = 50;

/** The name was checked: `all`, or a kind and an id. */
export const topicOf = (name: string, types: readonly string[] | undefined): Topic => {
  const [kind = '', ...rest] = name.split(':');
  return Object.hasOwn(kinds, kind) ? topicOfOne(kind as Kind, rest.join(':'), types) : topicOfAll(types);
};

const topicOfOne = (kind: Kind, id: string, types: readonly string[] | undefined): Topic => {
  const { read, state, field, moment } = kinds[kind];
  const inputOf = (query: object): CallInput => ({ params: { id }, query, body: null });
  return {
    following: { [field]: id, types },
    stateAt: (position) => ({
      operation: state,
      input: inputOf(position === '' ? {} : { [moment]: position }),
    }),
    presence: { operation: read, input: inputOf({}) },
  };
};

const topicOfAll = (types: readonly string[] | undefined): Topic => {
  const runs = (query: object): Reading => ({
    operation: 'listRuns',
    input: { params: {}, query, body: null },
  });
  return {
    following: { types },
    stateAt: (after) => runs({ limit: runsShown, ...(after === '' ? {} : { after }) }),
    presence: runs({ limit: 1 }),
  };
};
