import type { ProjectResource, RunResource } from '@partitura/shared/http';
import { fields } from '../output/table.ts';
import { dollars, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import { type Paper, runTable, tokensIn } from './run-report.ts';

/** `show PROJECT`. */
export const projectReport = (
  project: ProjectResource,
  runs: readonly RunResource[],
  paper: Paper,
): readonly string[] => [
  ...fields([
    ['project', project.id],
    ['name', oneLine(project.name)],
    ['status', joined(project.status, project.phase)],
    ['PRD', `${project.prd.name}, ${project.prd.words} words, revision ${project.prdRevision}`],
    ['repository', `${project.repository.url} (${project.repository.baseBranch})`],
    ['workflow', project.workflow],
    ['spent', `${dollars(project.usage.costUsd)}, ${quantity(tokensIn(project.usage))} tokens`],
  ]),
  '',
  ...runTable(runs, paper),
];
