import { z } from 'zod';

/** Where a link of the chain stands in the log, so that whoever doubts it can look. */
export const proof = z.strictObject({
  eventId: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.int(),
  position: z.string(),
  time: z.iso.datetime(),
  actor: z.string(),
});
export type Proof = z.infer<typeof proof>;

/**
 * `checkpoint`: an agent's work, committed. `resolution`: the same, bringing two branches together. `merge`: the merge queue's.
 * `outside`: of somebody else.
 */
export const commitKinds = ['checkpoint', 'resolution', 'merge', 'outside'] as const;

export const explainedCommit = z.strictObject({
  id: z.string(),
  kind: z.enum(commitKinds),
  author: z.string(),
  time: z.string(),
  subject: z.string(),
  /** As the commit's trailers say; null for what came from outside. */
  runId: z.string().nullable(),
  taskId: z.string().nullable(),
  attemptId: z.string().nullable(),
});
export type ExplainedCommit = z.infer<typeof explainedCommit>;

/** Texts are cut to what can be read; the whole of it is the artifact. */
const text = z.strictObject({ artifactId: z.string(), text: z.string(), characters: z.int() });

export const memoryKinds = [
  'approach',
  'learning',
  'earlier_failure',
  'message',
  'tool_result',
  'knowledge_search',
] as const;

/** What is not there, and why. `link` is the field that is empty. */
export const missingLink = z.strictObject({
  link: z.enum([
    'commit',
    'run',
    'task',
    'attempt',
    'checkpoint',
    'step',
    'prompt',
    'answer',
    'knowledge',
    'requirements',
    'merge',
  ]),
  code: z.string(),
  detail: z.string(),
});
export type MissingLink = z.infer<typeof missingLink>;

export const whyResource = z.strictObject({
  path: z.string(),
  /** Null: the file as a whole, which has its commits and nothing else. */
  line: z.int().positive().nullable(),
  /** The line. */
  text: z.string().nullable(),
  /** What was looked at. */
  looked: z.strictObject({
    projectId: z.string(),
    runId: z.string().nullable(),
    branch: z.string().nullable(),
    commit: z.string(),
  }),
  /** The one that wrote the line, with the file's name and the line's number then. */
  commit: z.strictObject({ ...explainedCommit.shape, path: z.string(), line: z.int().positive() }).nullable(),
  run: z
    .strictObject({
      id: z.string(),
      projectId: z.string(),
      model: z.string(),
      rehearsal: z.boolean(),
      event: proof,
    })
    .nullable(),
  task: z
    .strictObject({
      id: z.string(),
      key: z.string(),
      kind: z.string(),
      title: z.string(),
      description: z.string(),
      agentType: z.string(),
      phase: z.string(),
      requirementIds: z.array(z.string()),
      /** The task whose work conflicted, for one that resolves a conflict. */
      conflict: z
        .strictObject({ taskId: z.string(), branch: z.string(), files: z.array(z.string()) })
        .nullable(),
      event: proof,
    })
    .nullable(),
  attempt: z
    .strictObject({
      id: z.string(),
      number: z.int(),
      agentType: z.string(),
      model: z.string(),
      runner: z.string(),
      event: proof,
    })
    .nullable(),
  checkpoint: z.strictObject({ commit: z.string(), filesChanged: z.int(), event: proof }).nullable(),
  step: z
    .strictObject({
      step: z.string(),
      cycle: z.int(),
      /**
       * `wrote`: the line came into the file with this call. `touched`: the last call that wrote the file, though not the line as it is
       * now. `command`: no call names the file; the last command before the commit may have changed it.
       */
      certainty: z.enum(['wrote', 'touched', 'command']),
      toolCallId: z.string(),
      tool: z.string(),
      arguments: text,
      outcome: z.string(),
      result: text.nullable(),
      called: proof,
      returned: proof.nullable(),
    })
    .nullable(),
  prompt: z
    .strictObject({
      callId: z.string(),
      purpose: z.string(),
      model: z.string(),
      messages: z.int(),
      system: z.string(),
      /** The first message: the task with all its material. */
      opening: z.string(),
      artifactId: z.string(),
      event: proof,
    })
    .nullable(),
  answer: z
    .strictObject({
      model: z.string(),
      text: z.string(),
      stopReason: z.string(),
      artifactId: z.string(),
      event: proof,
    })
    .nullable(),
  /** What the agent had in its context beside the task: of its own, of earlier attempts, of others. */
  memory: z.array(z.strictObject({ kind: z.enum(memoryKinds), text: z.string(), event: proof })),
  knowledge: z.array(
    z.strictObject({
      nodeId: z.string(),
      kind: z.string(),
      title: z.string(),
      content: z.string(),
      retracted: z.boolean(),
      used: proof,
      added: proof,
    }),
  ),
  /** How the work came into the run's branch. */
  merge: z.strictObject({ attemptId: z.string(), commit: z.string(), event: proof }).nullable(),
  requirements: z.array(
    z.strictObject({
      id: z.string(),
      sourceId: z.string().nullable(),
      text: z.string(),
      prd: z.strictObject({
        name: z.string(),
        artifactId: z.string(),
        line: z.int(),
        /** The line of the PRD; null when the PRD is not to be had, or not as long. */
        text: z.string().nullable(),
      }),
      /** The acceptance of the plan that has it. */
      event: proof,
    }),
  ),
  /** Of the run as a whole, and of this task. */
  approvals: z.array(
    z.strictObject({
      id: z.string(),
      of: z.enum(['run', 'task']),
      action: z.string(),
      subject: z.string(),
      status: z.enum(['pending', 'granted', 'denied', 'expired']),
      decidedBy: z.string().nullable(),
      comment: z.string(),
      requested: proof,
      decided: proof.nullable(),
    }),
  ),
  /** Of the file, newest first; the latest hundred. */
  commits: z.array(explainedCommit),
  /** What else one ought to know. */
  notes: z.array(z.strictObject({ code: z.string(), detail: z.string() })),
  missing: z.array(missingLink),
});
export type WhyResource = z.infer<typeof whyResource>;
