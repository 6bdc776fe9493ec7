import { z } from 'zod';
import { finding } from '../events/values.ts';
import { architecture, question, requirement } from '../planning/plan-document.ts';
import { taskDefinition } from '../planning/task-definition.ts';

/** The structured answers that Partitura asks models for. The name travels with the request, the schema checks what comes back. */

export const requirementsAnswer = z.strictObject({
  requirements: z.array(requirement).min(1),
  questions: z.array(question),
});
export type RequirementsAnswer = z.infer<typeof requirementsAnswer>;

export const architectureAnswer = architecture;

export const tasksAnswer = z.strictObject({ tasks: z.array(taskDefinition).min(1) });
export type TasksAnswer = z.infer<typeof tasksAnswer>;

/** Only what is new; `replaces` names the tasks in whose place a task stands. */
export const replanAnswer = z.strictObject({
  tasks: z.array(taskDefinition.extend({ replaces: z.array(z.string()) })),
});
export type ReplanAnswer = z.infer<typeof replanAnswer>;

export const approachAnswer = z.strictObject({
  summary: z.string().min(1),
  steps: z.array(z.string()).min(1),
  files: z.array(z.string()),
});
export type ApproachAnswer = z.infer<typeof approachAnswer>;

export const reflectionAnswer = z.strictObject({
  summary: z.string().min(1),
  learnings: z.array(z.string()),
  decisions: z.array(z.strictObject({ title: z.string().min(1), reason: z.string() })),
  nextImprovement: z.string().nullable(),
});
export type ReflectionAnswer = z.infer<typeof reflectionAnswer>;

export const criteriaAnswer = z.strictObject({
  criteria: z.array(z.strictObject({ criterion: z.string(), met: z.boolean(), evidence: z.string() })),
});
export type CriteriaAnswer = z.infer<typeof criteriaAnswer>;

export const reviewAnswer = z.strictObject({
  verdict: z.enum(['approve', 'changes_requested']),
  summary: z.string().min(1),
  findings: z.array(finding),
});
export type ReviewAnswer = z.infer<typeof reviewAnswer>;

export const answers = {
  requirements: requirementsAnswer,
  architecture: architectureAnswer,
  tasks: tasksAnswer,
  replan: replanAnswer,
  approach: approachAnswer,
  reflection: reflectionAnswer,
  criteria: criteriaAnswer,
  review: reviewAnswer,
} as const;
export type AnswerName = keyof typeof answers;

/** What a `ChatRequest` carries to ask for the named answer. */
export const answerSpecification = (name: AnswerName) => ({
  name,
  schema: answers[name] as z.ZodType,
  jsonSchema: z.toJSONSchema(answers[name]) as Readonly<Record<string, unknown>>,
});
