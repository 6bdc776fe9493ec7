import { z } from 'zod';
import { contract, type EventOf } from './define.ts';
import { modelEvents } from './model-events.ts';
import { amount, blobReference, checkResult, finding, problem, usage } from './values.ts';

export const agentSteps = ['reason', 'act', 'reflect', 'verify'] as const;
export type AgentStep = (typeof agentSteps)[number];

/** Stream `agent-<attempt>`, owned by the agent-runner. Creating it is the claim; its revision is the fence. */
export const agentEvents = {
  ...modelEvents,
  'agent.spawned': contract(
    'A runner has the attempt.',
    z.strictObject({
      taskId: z.string(),
      attempt: z.int().positive(),
      agentType: z.string(),
      model: z.string(),
      runner: z.string(),
      allowance: amount.nullable(),
      branch: z.string().nullable(),
    }),
  ),
  'agent.workspace_prepared': contract(
    'The worktree stands at the run’s branch as it was.',
    z.strictObject({ branch: z.string(), baseCommit: z.string(), sandbox: z.string() }),
  ),
  'agent.step_entered': contract(
    'Reason, act, reflect or verify, in the n-th cycle.',
    z.strictObject({ step: z.enum(agentSteps), cycle: z.int().positive() }),
  ),
  'agent.approach_chosen': contract(
    'What the agent means to do.',
    z.strictObject({ summary: z.string(), content: blobReference }),
  ),
  'agent.context_compacted': contract(
    'The conversation outgrew the model’s window; task and criteria stay whole.',
    z.strictObject({ droppedMessages: z.int(), tokensBefore: z.int(), tokensAfter: z.int() }),
  ),
  'tool.called': contract(
    'A tool is about to be used.',
    z.strictObject({ toolCallId: z.string(), tool: z.string(), arguments: blobReference }),
  ),
  'tool.returned': contract(
    'A tool answered.',
    z.strictObject({
      toolCallId: z.string(),
      tool: z.string(),
      outcome: z.enum(['succeeded', 'failed', 'refused']),
      result: blobReference,
      durationMs: z.int().nonnegative(),
    }),
  ),
  'agent.checkpoint_committed': contract(
    'What stands in the worktree is a commit on the task’s branch.',
    z.strictObject({ commit: z.string(), filesChanged: z.int(), insertions: z.int(), deletions: z.int() }),
  ),
  'agent.knowledge_used': contract(
    'What was known already was put into the agent’s context.',
    z.strictObject({ nodeIds: z.array(z.string()) }),
  ),
  'agent.reflected': contract(
    'What was learned, and what could be better.',
    z.strictObject({
      summary: z.string(),
      learnings: z.array(z.string()),
      decisions: z.array(z.string()),
      content: blobReference,
    }),
  ),
  'agent.learning_recorded': contract(
    'A failure, kept so that it is not made again.',
    z.strictObject({ learning: z.string(), cycle: z.int() }),
  ),
  'agent.checked': contract(
    'The project’s own commands were run on what the cycle made.',
    z.strictObject({ cycle: z.int(), checks: z.array(checkResult) }),
  ),
  'agent.verified': contract(
    'The project’s own commands were run and the criteria looked at.',
    z.strictObject({
      cycle: z.int(),
      passed: z.boolean(),
      checks: z.array(checkResult),
      criteria: z.array(z.strictObject({ criterion: z.string(), met: z.boolean(), evidence: z.string() })),
    }),
  ),
  'agent.message_sent': contract(
    'To another agent, or to all.',
    z.strictObject({ to: z.string(), text: z.string() }),
  ),
  'agent.message_received': contract(
    'From an operator or another agent; read at the next step.',
    z.strictObject({ from: z.string(), text: z.string(), messageId: z.string() }),
  ),
  'agent.interrupted': contract(
    'Somebody stopped what the agent was at: its commands are broken off, and those it meant to run are not run.',
    z.strictObject({ from: z.string(), reason: z.string(), messageId: z.string() }),
  ),
  'agent.allowance_requested': contract(
    'The next call costs more than is left of what the attempt may spend.',
    z.strictObject({ requestId: z.string(), amount }),
  ),
  'agent.rate_limited': contract(
    'No model is to be had before `until`: the attempt waits there, nothing is lost and nothing counted against it.',
    z.strictObject({ until: z.iso.datetime(), problem }),
  ),
  'agent.released': contract(
    'The runner let go of the attempt on purpose (a pause, a shutdown, a failure of its own); whoever takes it up goes on from here.',
    z.strictObject({
      runner: z.string(),
      reason: z.enum(['paused', 'shutdown', 'failed']),
      detail: z.string(),
    }),
  ),
  'agent.crashed': contract(
    'The runner that had the attempt is gone without a word.',
    z.strictObject({ runner: z.string(), detail: z.string() }),
  ),
  'agent.resumed': contract(
    'A runner took the attempt up where it stopped.',
    z.strictObject({ runner: z.string(), step: z.enum(agentSteps) }),
  ),
  'agent.finished': contract(
    'The attempt is over.',
    z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('succeeded'),
        taskId: z.string(),
        summary: z.string(),
        branch: z.string().nullable(),
        commit: z.string().nullable(),
        usage,
        requirementIds: z.array(z.string()),
        findings: z.array(finding),
      }),
      z.strictObject({
        outcome: z.literal('failed'),
        taskId: z.string(),
        problem,
        usage,
        escalate: z.boolean(),
      }),
      z.strictObject({ outcome: z.literal('cancelled'), taskId: z.string(), reason: z.string(), usage }),
    ]),
  ),
};
export type AgentEvent = EventOf<typeof agentEvents>;
