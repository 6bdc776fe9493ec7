import type { OperationHandlers } from '@partitura/shared/http';
import { presentAgent } from '../agents/agents.ts';
import { presentArtifact } from '../artifacts/artifacts.ts';
import { presentProject } from '../projects/projects.ts';
import { presentTask } from '../tasks/tasks.ts';
import { type Asking, newestFirst, oldestFirst, wanted } from './asking.ts';
import type { Readers } from './readers.ts';
import { pageOfRuns } from './show-run.ts';

type Answered =
  | 'getProject'
  | `list${'Projects' | 'ProjectRuns' | 'ProjectTasks' | 'ProjectAgents' | 'ProjectArtifacts'}`;

export const projectQueries = (readers: Readers, ask: Asking): Pick<OperationHandlers, Answered> => ({
  listProjects: ({ query }) =>
    ask.pageOf(
      'projects',
      query,
      { where: wanted(query, 'status'), sort: newestFirst('createdAt') },
      presentProject,
      'everything',
    ),
  getProject: (input) => ask.oneOf('projects', input, presentProject),
  listProjectRuns: async ({ params: { id }, query }) => {
    await readers.upTo(query.after);
    await readers.one('projects', id);
    return pageOfRuns(readers, ask, query, { projectId: id, ...wanted(query, 'status') });
  },
  listProjectTasks: ({ params: { id }, query }) => {
    const asked = { where: { projectId: id }, sort: oldestFirst('addedAt') };
    return ask.pageWithin('projects', id, 'tasks', query, asked, presentTask);
  },
  listProjectAgents: ({ params: { id }, query }) => {
    const asked = { where: { projectId: id }, sort: newestFirst('spawnedAt') };
    return ask.pageWithin('projects', id, 'agents', query, asked, presentAgent);
  },
  listProjectArtifacts: ({ params: { id }, query }) => {
    const asked = { where: { projectId: id }, sort: oldestFirst('madeAt') };
    return ask.pageWithin('projects', id, 'artifacts', query, asked, presentArtifact);
  },
});
