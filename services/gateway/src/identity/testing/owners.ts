import type { ProjectResource, RunResource } from '@partitura/shared/http';
import { idFrom } from '@partitura/shared/processing';
import { PartituraError, type Service } from '@partitura/shared/runtime';

interface MadeProject {
  readonly id: string;
  status: string;
  readonly organizationId: string | null;
}

export interface Owners {
  readonly projects: MadeProject[];
  readonly runs: { readonly id: string; status: string }[];
  /** How often projects were counted. */
  reads: number;
  /** While it is, nothing can be read. */
  behind: boolean;
  /** What becomes of a project that is to be made, before and after it is there. */
  before: (project: MadeProject) => Promise<void>;
  after: (project: MadeProject) => Promise<void>;
  readonly operations: Service['operations'];
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Owners of projects and runs that take their time, so that whoever does not wait for them is seen. */
export const startOwners = (): Owners => {
  const owners: Owners = {
    projects: [],
    runs: [],
    reads: 0,
    behind: false,
    before: turn,
    after: turn,
    operations: {
      listProjects: async ({ query }, { organizationId }) => {
        if (owners.behind) throw new PartituraError('READ_MODEL_BEHIND', 'Not yet.');
        owners.reads += 1;
        const mine = owners.projects.filter((one) => one.organizationId === organizationId);
        await turn();
        const from = Number(query.cursor ?? 0);
        // A page of two, however many were asked for: pages are what it is about.
        const items = mine.slice(from, from + 2) as unknown as ProjectResource[];
        return { items, nextCursor: from + 2 < mine.length ? String(from + 2) : null };
      },
      createProject: async (_, { organizationId, commandId }) => {
        const made = { id: idFrom('p', commandId), status: 'ready', organizationId };
        await owners.before(made);
        if (!owners.projects.some(({ id }) => id === made.id)) owners.projects.push(made);
        await owners.after(made);
        return { id: made.id, position: '1' };
      },
      listRuns: async ({ query }) => ({
        items: owners.runs.filter(({ status }) => status === query.status) as unknown as RunResource[],
        nextCursor: null,
      }),
      getRun: async ({ params }) => owners.runs.find(({ id }) => id === params.id) as unknown as RunResource,
      startRun: async () => ({ id: 'r', position: '1' }),
      retryRun: async () => ({ id: 'r', position: '1' }),
      rejectTask: async () => ({ id: 't', position: '1' }),
    },
  };
  return owners;
};
