import type { TaskDefinition } from '../../planning/index.ts';
import { slug } from './naming.ts';

/**
 * What a task has the agent write. The plan says so in the first sentence of the task's description, so that the agent that
 * gets the task alone, long after, writes the very files the plan gave to it and to no other task.
 */
export type Assignment = PlannedAssignment | { readonly kind: 'reading' } | { readonly kind: 'conflict' };

/** What a plan can ask for; the rest comes up on the way. */
export type PlannedAssignment =
  | { readonly kind: 'scaffold' }
  | {
      readonly kind: 'entity';
      readonly module: string;
      readonly entity: string;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'module'; readonly module: string }
  | { readonly kind: 'whole'; readonly module: string }
  | { readonly kind: 'documents' };

export const sentenceOf = (assignment: PlannedAssignment): string => {
  switch (assignment.kind) {
    case 'scaffold':
      return 'Sets the project up: its manifest, a test command, a README and what git is to ignore.';
    case 'entity':
      return `Writes the store \`${assignment.module}\` for “${assignment.entity}” with the fields ${assignment.fields.map((field) => `\`${field}\``).join(', ')}.`;
    case 'module':
      return `Writes the module \`${assignment.module}\` and the test that shows it works.`;
    case 'whole':
      return `Writes the test \`${assignment.module}\` of all modules together.`;
    case 'documents':
      return 'Writes the documents `docs/overview.md` and `docs/requirements.md`.';
  }
};

const path = '`([a-z0-9-]+/[a-z0-9-]+)`';
const modulePattern = new RegExp(`^Writes the module ${path} `);
const wholePattern = new RegExp(`^Writes the test ${path} of all`);
const entityPattern = new RegExp(
  `^Writes the store ${path} for “([^”]*)” with the fields ((?:\`\\w+\`(?:, )?)+)\\.`,
);

/** What the task has its agent write; a task of somebody else's plan gets a place that carries its key. */
export const assignmentOf = (task: TaskDefinition): Assignment => {
  if (task.kind === 'conflict') return { kind: 'conflict' };
  if (task.kind === 'review' || task.agentType.startsWith('review-')) return { kind: 'reading' };
  return planned(task.description) ?? guessed(task);
};

const planned = (description: string): Assignment | null => {
  if (description.startsWith('Sets the project up:')) return { kind: 'scaffold' };
  if (description.startsWith('Writes the documents `docs/')) return { kind: 'documents' };
  const module = modulePattern.exec(description)?.[1];
  if (module !== undefined) return { kind: 'module', module };
  const whole = wholePattern.exec(description)?.[1];
  if (whole !== undefined) return { kind: 'whole', module: whole };
  const entity = entityPattern.exec(description);
  if (entity?.[1] === undefined) return null;
  const fields = (entity[3] ?? '').match(/\w+/g) ?? ['title'];
  return { kind: 'entity', module: entity[1], entity: entity[2] ?? 'Record', fields };
};

const guessed = (task: TaskDefinition): Assignment => {
  if (/\b(?:scaffold|set (?:the )?project up|bootstrap|project setup)\b/i.test(task.title))
    return { kind: 'scaffold' };
  const area = slug(task.agentType.replace(/^[a-z]+-/, ''), 'work', 1);
  const name = slug(task.title, 'task', 4);
  return { kind: 'module', module: `${area}/${name}-${task.key.toLowerCase()}` };
};
