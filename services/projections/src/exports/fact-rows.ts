import { z } from 'zod';
import type { FactKind } from '../analytics/facts/fact.ts';
import { runOutcomes } from '../analytics/facts/run-facts.ts';
import { taskOutcomes } from '../analytics/facts/task-facts.ts';
import type { Placed } from '../analytics/reading-facts.ts';

const time = z.iso.datetime();
const common = {
  id: z.string(),
  organizationId: z.string(),
  projectId: z.string(),
};
const at = time.describe('When it counts: of what ended, the end; of what is summed up, the hour.');
const ofRun = { runId: z.string(), workflow: z.string().nullable(), phase: z.string().nullable() };
const position = z.string();
const count = (meaning: string) => z.int().describe(meaning);

/** What the rows of facts say; usage is in tokens and whole millionths of a US dollar, so that sums are exact. */
export const factRows = {
  call: z.strictObject({
    ...common,
    ...ofRun,
    at,
    agentId: z.string().nullable(),
    taskId: z.string().nullable(),
    agentType: z.string(),
    model: z.string(),
    calls: count('Calls to this model in this hour.'),
    failedCalls: count('Of them, without a usable answer.'),
    freeCalls: count('Spent tokens and cost nothing: rehearsed, free, or of a price that nobody knows.'),
    inputTokens: count('Sent, without those from or to a cache.'),
    outputTokens: count('Answered.'),
    cacheReadTokens: count('Read from a cache.'),
    cacheWriteTokens: count('Written to a cache.'),
    costMicroUsd: count('Millionths of a US dollar.'),
    durationMs: count('Milliseconds until the answers were there.'),
    position,
  }),
  attempt: z.strictObject({
    ...common,
    ...ofRun,
    at,
    agentId: z.string(),
    taskId: z.string(),
    attempt: z.int(),
    agentType: z.string(),
    model: z.string(),
    startedAt: time,
    endedAt: time.nullable(),
    outcome: z.enum(['succeeded', 'failed', 'cancelled']).nullable().describe('How it ended.'),
    turns: count('Answers of models.'),
    toolCalls: z.int(),
    toolFailures: count('Of the tools it used, how many did not do it.'),
    crashes: z.int(),
    firstChecksPassed: z.boolean().nullable().describe('Whether its checks passed when they were run first.'),
    nodeIds: z.array(z.string()).describe('What was known already and put into its context.'),
    stretches: z.array(z.array(time)).describe('From and to, of each time that somebody was at it.'),
    position,
  }),
  task: z.strictObject({
    ...common,
    ...ofRun,
    at,
    taskId: z.string(),
    key: z.string(),
    agentType: z.string(),
    isWork: z.boolean().describe('False for epics and stories, which only group.'),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    outcome: z.enum(taskOutcomes).nullable().describe('How it ended.'),
    durationMs: z.int().nullable().describe('Milliseconds from the first agent’s beginning to the end.'),
    attempts: z.int(),
    failedAttempts: count('Of them, failed.'),
    merged: z.boolean().describe('Whether its work is in the run’s branch.'),
    conflicts: count('How often its branch could not be merged.'),
    mergeRejections: count('How often the checks failed after a merge.'),
    findings: z.record(z.string(), z.int()).describe('How many of each severity.'),
    dependsOn: z.array(z.string()),
    estimatedTokens: count('What it was expected to take.'),
    position,
  }),
  run: z.strictObject({
    ...common,
    runId: z.string(),
    workflow: z.string(),
    at,
    model: z.string(),
    rehearsal: z.boolean(),
    maxAgents: count('How many were allowed at once.'),
    forked: z.boolean().describe('Whether it goes on from another.'),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    outcome: z.enum(runOutcomes).nullable().describe('How it ended.'),
    estimate: z
      .strictObject({
        criticalPathMs: z.number().describe('Foretold, in milliseconds: the longest way through the tasks.'),
        durationP50Ms: z.number().describe('Foretold, in milliseconds: as likely shorter as longer.'),
        durationP90Ms: z.number().describe('Foretold, in milliseconds: nine in ten are shorter.'),
      })
      .nullable(),
    phases: z
      .array(z.strictObject({ phase: z.string(), from: z.string() }))
      .describe('Which phase it was in from which position on.'),
    position,
  }),
  gate: z.strictObject({
    ...common,
    ...ofRun,
    at,
    gate: z.string().describe('Which gate.'),
    passed: count('How often it let pass in this hour.'),
    failed: count('How often it did not.'),
    warned: count('How often it let pass with a warning.'),
    findings: z.record(z.string(), z.int()).describe('How many of each severity.'),
    position,
  }),
  knowledge: z.strictObject({
    ...common,
    at,
    added: count('Pieces that became known in this hour.'),
    retracted: count('Pieces that fell.'),
    used: count('How often a piece was put into a context.'),
    position,
  }),
} as const satisfies Readonly<Record<FactKind, z.ZodObject>>;

export const factTitles: Readonly<Record<FactKind, string>> = {
  call: 'Calls to models, by holder, model and hour.',
  attempt: 'Attempts of agents at tasks.',
  task: 'Tasks, as analysts count them.',
  run: 'Runs, as analysts count them.',
  gate: 'What gates said, by run, gate and hour.',
  knowledge: 'What became known, by project and hour.',
};

export const factRowOf = ({ fact, ...place }: Placed): Record<string, unknown> => ({
  ...place,
  ...fact,
  workflow: place.workflow,
  phase: place.phase,
  ...(fact.kind === 'call' ? { agentType: place.agentType } : {}),
});
