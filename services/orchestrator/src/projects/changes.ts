import { canonicalJson } from '@partitura/shared/canonical';
import type { Budget, DocumentReference, ProjectEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { Project, ProjectState } from './state.ts';

/** What an operator may change of a project; what is not named stays as it is. */
export interface ProjectChanges {
  readonly name?: string;
  /** Null: without limits. */
  readonly budget?: Budget | null;
  readonly workflow?: string;
  readonly stack?: readonly string[];
  readonly constraints?: readonly string[];
  readonly successCriteria?: readonly string[];
}

export interface Configure {
  readonly kind: 'configure';
  readonly changes: ProjectChanges;
}

export interface RevisePrd {
  readonly kind: 'revise_prd';
  readonly prd: DocumentReference;
}

/** The project, if there is one. @throws {PartituraError} `PROJECT_NOT_FOUND` */
export const existing = (state: ProjectState): Project => {
  if (state === null || state.removed) {
    throw new PartituraError('PROJECT_NOT_FOUND', 'There is no such project.', {
      advice: 'See the projects with: GET /api/v1/projects',
    });
  }
  return state;
};

/** The project, if it was not put away. @throws {PartituraError} `PROJECT_NOT_FOUND`, `PROJECT_ARCHIVED` */
export const open = (state: ProjectState): Project => {
  const project = existing(state);
  if (project.archived) {
    throw new PartituraError('PROJECT_ARCHIVED', `Project ${project.id} is archived.`, {
      advice: 'Clone it, or create a project anew from its PRD and repository.',
    });
  }
  return project;
};

const changeable = ['name', 'budget', 'workflow', 'stack', 'constraints', 'successCriteria'] as const;

/** Only what is another than before is an event: the same change again, under whatever key, says nothing new. */
export const configure = ({ changes }: Configure, state: ProjectState): readonly ProjectEvent[] => {
  const project = open(state);
  const differs = (field: (typeof changeable)[number]): boolean =>
    changes[field] !== undefined && canonicalJson(changes[field]) !== canonicalJson(project[field]);
  const changed = new Set(changeable.filter(differs));
  if (changed.size === 0) return [];
  const { name, budget, workflow, stack, constraints, successCriteria } = changes;
  return [
    {
      type: 'project.configured',
      data: {
        ...(changed.has('name') ? { name } : {}),
        ...(changed.has('budget') ? { budget } : {}),
        ...(changed.has('workflow') ? { workflow } : {}),
        ...(stack && changed.has('stack') ? { stack: [...stack] } : {}),
        ...(constraints && changed.has('constraints') ? { constraints: [...constraints] } : {}),
        ...(successCriteria && changed.has('successCriteria')
          ? { successCriteria: [...successCriteria] }
          : {}),
      },
    },
  ];
};

/** Runs go on with the PRD that they have: a run takes the new one up when it is told to re-plan. */
export const revisePrd = ({ prd }: RevisePrd, state: ProjectState): readonly ProjectEvent[] => {
  const project = open(state);
  if (project.prd.content.hash === prd.content.hash && project.prd.name === prd.name) return [];
  return [{ type: 'project.prd_revised', data: { prd, prdRevision: project.prdRevision + 1 } }];
};

/** What agents of a live run spend would be counted in a project that nobody can look at. */
export const remove = (state: ProjectState): readonly ProjectEvent[] => {
  const project = existing(state);
  if (project.live.size > 0) {
    const runs = [...project.live.keys()].join(', ');
    throw new PartituraError(
      'PROJECT_RUNNING',
      `Project ${project.id} has runs that have not ended: ${runs}.`,
      {
        advice: `Cancel them first: POST /api/v1/projects/${project.id}/cancel`,
      },
    );
  }
  return [{ type: 'project.removed', data: {} }];
};
