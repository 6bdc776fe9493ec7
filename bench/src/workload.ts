import {
  asAttemptId,
  asRunId,
  attemptIdOf,
  type EventMetadata,
  type EventToAppend,
  type StreamName,
  streamName,
  taskIdOf,
} from '@partitura/shared/events';

const runs = 10;
const time = '2026-01-02T03:04:05.678Z';

const metadataOf = (run: number, cause: number): EventMetadata => ({
  source: '/agent-runner',
  actor: `service:agent-runner`,
  correlationId: `r_bench${run}`,
  causationId: `e_${cause}`,
  runId: asRunId(`r_bench${run}`),
});

/** Stream of an attempt: `streams` of them, over ten runs. */
export const attemptStream = (index: number): StreamName => {
  const task = taskIdOf(asRunId(`r_bench${index % runs}`), `T${index}`);
  return streamName('agent', asAttemptId(attemptIdOf(task, 1)));
};

/** An event of ≈ 400 bytes as it lies in the log, made anew each time as a service would. Three types, as agents write them. */
export const attemptEvent = (stream: number, sequence: number): EventToAppend => {
  const shared = {
    id: `e_${stream}_${sequence}`,
    version: 1,
    time,
    metadata: metadataOf(stream % runs, sequence),
  };
  switch (sequence % 3) {
    case 0:
      return {
        ...shared,
        type: 'agent.step_entered',
        data: { step: 'act', cycle: sequence + 1 },
      };
    case 1:
      return {
        ...shared,
        type: 'tool.returned',
        data: {
          toolCallId: `call_${stream}_${sequence}`,
          tool: 'run_command',
          outcome: 'succeeded',
          result: {
            hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
            size: 1_234 + sequence,
            preview: 'PASS src/links.test.ts (12 tests, 12 passed)',
            contentType: 'text/plain',
          },
          durationMs: 1_520 + sequence,
        },
      };
    default:
      return {
        ...shared,
        type: 'agent.finished',
        data: {
          outcome: 'succeeded',
          taskId: `r_bench${stream % runs}.T${stream}`,
          summary: 'Added the endpoint with its validation, and the tests for it.',
          branch: `partitura-task/r_bench${stream % runs}.T${stream}.a1`,
          commit: '3f786850e387550fdab836ed7e6dc881de23001b',
          usage: {
            inputTokens: 5_200,
            outputTokens: 310 + sequence,
            cacheReadTokens: 0,
            cacheWriteTokens: 0,
            costMicroUsd: 20_250,
            calls: 2,
          },
          requirementIds: ['R1', 'R4'],
          findings: [],
        },
      };
  }
};
