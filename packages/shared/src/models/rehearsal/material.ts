import { z } from 'zod';
import {
  type Architecture,
  architecture,
  type Requirement,
  requirement,
  type TaskDefinition,
  taskDefinition,
} from '../../planning/index.ts';
import { readSections } from '../../prompts/index.ts';
import type { ChatRequest } from '../port.ts';

/** What a prompt brings along, read leniently: a section that is missing or garbled is as good as empty. */
export interface Material {
  readonly prd: string | null;
  readonly requirements: readonly Requirement[];
  readonly architecture: string;
  readonly stack: string;
  readonly constraints: string;
  /** Files of the repository or worktree, as git lists them. */
  readonly files: readonly string[];
  readonly task: TaskDefinition | null;
  readonly criteria: readonly string[];
  readonly learnings: string;
  readonly checks: readonly Check[];
  readonly diff: string;
  readonly conflict: string | null;
  /** Of a plan that is to be changed: what the edit of the PRD changed, the tasks that stay, and those that do not. */
  readonly changes: Changes | null;
  readonly kept: readonly Kept[];
  readonly dropped: readonly TaskDefinition[];
  readonly project: { readonly name: string; readonly title: string } | null;
}

const check = z.object({
  name: z.string().default('check'),
  command: z.string().default(''),
  outcome: z.enum(['passed', 'failed', 'unavailable']),
  output: z.unknown().optional(),
});
export type Check = z.infer<typeof check>;

const changes = z.object({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
});
export type Changes = z.infer<typeof changes>;

const kept = z.object({ key: z.string(), dependsOn: z.array(z.string()), kind: z.string() });
export type Kept = z.infer<typeof kept>;

const project = z.object({ name: z.string(), title: z.string().default('') });

export const materialOf = (request: ChatRequest): Material => {
  const sections = readSections(textOf(request));
  const json = <T>(name: string, schema: z.ZodType<T>): T | null => parsed(sections.get(name), schema);
  const list = <T>(name: string, schema: z.ZodType<T>): readonly T[] => json(name, z.array(schema)) ?? [];
  const described = json('architecture', architecture) as Architecture | null;
  return {
    prd: sections.get('prd') ?? null,
    requirements: list('requirements', requirement),
    architecture: described?.document ?? sections.get('architecture') ?? '',
    stack: sections.get('stack') ?? '',
    constraints: sections.get('constraints') ?? '',
    files: lines(sections.get('files') ?? sections.get('repository') ?? ''),
    task: json('task', taskDefinition),
    criteria: list('criteria', z.string()),
    learnings: sections.get('learnings') ?? '',
    checks: list('checks', check),
    diff: sections.get('diff') ?? '',
    conflict: sections.get('conflict') ?? null,
    changes: json('changes', changes),
    kept: list('kept_tasks', kept),
    dropped: list('dropped_tasks', taskDefinition),
    project: json('project', project),
  };
};

/** Everything said to the model; sections said later count. */
const textOf = (request: ChatRequest): string =>
  [
    request.system,
    ...request.messages
      .filter(({ role }) => role === 'user')
      .flatMap(({ content }) => content.flatMap((part) => (part.kind === 'text' ? [part.text] : []))),
  ].join('\n\n');

const parsed = <T>(text: string | undefined, schema: z.ZodType<T>): T | null => {
  if (text === undefined) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
