import type { Examples } from './example.ts';
import {
  accepted,
  agent,
  artifact,
  ids,
  node,
  of,
  pageOf,
  positions,
  project,
  run,
  task,
} from './samples.ts';

const done = { id: ids.project, position: positions.now };
const params = of(ids.project);

export const projectExamples = {
  createProject: {
    body: {
      name: 'link-shortener',
      prd: {
        name: 'link-shortener.md',
        text: '# Link shortener\n\nPeople paste a long address and get a short one.',
      },
      repository: { url: '/srv/git/link-shortener', baseBranch: 'main' },
      budget: { usd: 5 },
    },
    result: done,
  },
  updateProject: { params, body: { name: 'Short links', budget: { usd: 10 } }, result: done },
  removeProject: { params, result: done },
  reviseProjectPrd: {
    params,
    body: { text: '# Link shortener\n\nLinks expire after a year.' },
    result: done,
  },
  cloneProject: {
    params,
    body: { name: 'link-shortener-2' },
    result: { id: 'p_1x5c9v3b7n', position: positions.now },
  },
  pauseProject: { params, body: { reason: 'Lunch.' }, result: done },
  resumeProject: { params, result: done },
  cancelProject: { params, body: { reason: 'Not needed any more.' }, result: done },
  archiveProject: { params, result: done },
  listProjects: { query: { limit: 20 }, result: pageOf(project) },
  getProject: { params, query: { after: positions.now }, result: project },
  listProjectRuns: { params, result: pageOf(run) },
  listProjectTasks: { params, result: pageOf(task) },
  listProjectAgents: { params, result: pageOf(agent) },
  listProjectKnowledge: { params, result: pageOf(node) },
  listProjectArtifacts: { params, result: pageOf(artifact) },
  startRun: { params, body: { budget: { usd: 5 }, maxAgents: 8 }, result: accepted },
} satisfies Examples;
