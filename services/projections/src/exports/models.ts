import { auditResource, type ExportSchema, resources } from '@partitura/shared/http';
import type { z } from 'zod';
import { presentAgent } from '../agents/agents.ts';
import { type FactKind, factKinds } from '../analytics/facts/fact.ts';
import { presentApproval } from '../approvals/approvals.ts';
import { presentArtifact } from '../artifacts/artifacts.ts';
import { presentCost } from '../costs/costs.ts';
import { presentProject } from '../projects/projects.ts';
import { showRuns } from '../queries/show-run.ts';
import { presentTask } from '../tasks/tasks.ts';
import { type Column, columnsOf } from './columns.ts';
import { factRows, factTitles } from './fact-rows.ts';
import type { RowPages } from './formats/format.ts';
import { changedDocuments, factPages, historyPages, logPages, type Reading } from './reading.ts';

/** Something that can be exported, as data. */
export interface ExportModel {
  readonly name: string;
  readonly title: string;
  readonly version: number;
  readonly key: readonly string[];
  readonly grows: ExportSchema['grows'];
  readonly columns: readonly Column[];
  readonly rows: (reading: Reading) => RowPages;
}

type Described = Pick<ExportModel, 'name' | 'title' | 'rows'> &
  Partial<Pick<ExportModel, 'key' | 'grows'>> & { readonly resource: z.ZodObject };

const model = ({ resource, key = ['id'], grows = 'changes', ...rest }: Described): ExportModel => ({
  ...rest,
  version: 1,
  key,
  grows,
  columns: columnsOf(resource),
});

const factModel = (kind: FactKind): ExportModel =>
  model({
    name: `facts-${kind}s`.replace('knowledges', 'knowledge'),
    title: factTitles[kind],
    resource: factRows[kind],
    rows: (reading) => factPages(reading, kind),
  });

const comment = resources.commentResource.extend({ position: resources.artifactResource.shape.position });

export const exportModels: readonly ExportModel[] = [
  model({
    name: 'projects',
    title: 'Projects, as they stand.',
    resource: resources.projectResource,
    rows: (reading) => changedDocuments(reading, 'projects', async (found) => found.map(presentProject)),
  }),
  model({
    name: 'runs',
    title: 'Runs, as they stand.',
    resource: resources.runResource,
    rows: (reading) => changedDocuments(reading, 'runs', showRuns(reading.readers)),
  }),
  model({
    name: 'tasks',
    title: 'Tasks, as they stand.',
    resource: resources.taskResource,
    rows: (reading) => changedDocuments(reading, 'tasks', async (found) => found.map(presentTask)),
  }),
  model({
    name: 'agents',
    title: 'Attempts of agents, as they stand.',
    resource: resources.agentResource,
    rows: (reading) => changedDocuments(reading, 'agents', async (found) => found.map(presentAgent)),
  }),
  model({
    name: 'artifacts',
    title:
      'What was written: one row for each content in each run. The content itself is at /artifacts/{id}/content.',
    resource: resources.artifactResource,
    key: ['id', 'projectId', 'runId'],
    rows: (reading) => changedDocuments(reading, 'artifacts', async (found) => found.map(presentArtifact)),
  }),
  model({
    name: 'approvals',
    title: 'What was asked of people, and what they said.',
    resource: resources.approvalResource,
    rows: (reading) => changedDocuments(reading, 'approvals', async (found) => found.map(presentApproval)),
  }),
  model({
    name: 'comments',
    title: 'What people said of tasks.',
    resource: comment,
    rows: (reading) =>
      changedDocuments(reading, 'comments', async (found) =>
        found.map(({ organizationId: _, ...row }) => row),
      ),
  }),
  model({
    name: 'costs',
    title: 'What each run cost.',
    resource: resources.costResource,
    key: ['runId'],
    rows: (reading) => changedDocuments(reading, 'costs', async (found) => found.map(presentCost)),
  }),
  model({
    name: 'history',
    title: 'What the read models have of the log: CloudEvents, in order.',
    resource: resources.cloudEvent,
    key: ['position'],
    grows: 'appends',
    rows: historyPages,
  }),
  model({
    name: 'audit',
    title: 'Who did what, and who was not allowed to.',
    resource: auditResource,
    rows: (reading) => changedDocuments(reading, 'audit', async (found) => [...found]),
  }),
  ...factKinds.map(factModel),
  model({
    name: 'events',
    title: 'The log itself: CloudEvents, in order.',
    resource: resources.cloudEvent,
    key: ['position'],
    grows: 'appends',
    rows: logPages,
  }),
];
