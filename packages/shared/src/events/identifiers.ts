/** Identifiers are opaque to everyone but the place that makes them; the brand keeps one kind from being passed as another. */
declare const brand: unique symbol;
type Identifier<Name extends string> = string & { readonly [brand]: Name };

export type OrganizationId = Identifier<'OrganizationId'>;
export type ProjectId = Identifier<'ProjectId'>;
export type RunId = Identifier<'RunId'>;
/** `<runId>.<key>`, for example `r_7k2m9x4tqa.T4`: unique in the installation, readable in a branch name. */
export type TaskId = Identifier<'TaskId'>;
/** `<taskId>.a<attempt>`: names one attempt, its agent, its agent stream and its job. */
export type AttemptId = Identifier<'AttemptId'>;
export type StreamName = Identifier<'StreamName'>;
/** Opaque and sortable as text, within one store. Never computed with, only compared and handed back. */
export type Position = Identifier<'Position'>;

export const asOrganizationId = (value: string): OrganizationId => value as OrganizationId;
export const asProjectId = (value: string): ProjectId => value as ProjectId;
export const asRunId = (value: string): RunId => value as RunId;
export const asTaskId = (value: string): TaskId => value as TaskId;
export const asAttemptId = (value: string): AttemptId => value as AttemptId;
export const asPosition = (value: string): Position => value as Position;

export const taskIdOf = (runId: RunId, key: string): TaskId => asTaskId(`${runId}.${key}`);
export const attemptIdOf = (taskId: TaskId, attempt: number): AttemptId =>
  asAttemptId(`${taskId}.a${attempt}`);

/** Whose everything is that names no other: one person's machine has no other. */
export const defaultOrganization = asOrganizationId('default');

/** The position before every event of every store. */
export const beginning = asPosition('');

export const categories = [
  'project',
  'run',
  'plan',
  'agent',
  'merge',
  'knowledge',
  'workflow',
  'webhook',
  'identity',
  'audit',
  'command',
  'quota',
  'processor',
  'seal',
  'bundle',
] as const;
export type Category = (typeof categories)[number];

/** `category-id`; a category has no hyphen, so the first one separates. */
export const streamName = (category: Category, id: string): StreamName => `${category}-${id}` as StreamName;

/** Whether a text names a stream that has an owner. */
export const isStreamName = (name: unknown): name is StreamName =>
  typeof name === 'string' && categories.some((known) => name.startsWith(`${known}-`));

/** @throws {RangeError} when the name has no known category: such a stream has no owner. */
export const parseStreamName = (name: StreamName): { category: Category; id: string } => {
  const hyphen = name.indexOf('-');
  const category = categories.find((known) => known === name.slice(0, hyphen));
  if (!category) throw new RangeError(`Stream "${name}" has no known category (${categories.join(', ')}).`);
  return { category, id: name.slice(hyphen + 1) };
};
