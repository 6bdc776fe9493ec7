import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asAttemptId, asRunId, streamName, taskIdOf } from '@partitura/shared/events';
import { type OperationHandlers, operations } from '@partitura/shared/http';
import { type Happening, runStory } from '@partitura/shared/http/testing';
import { forkStory } from '../testing/past-stories.ts';
import { asker, planFor, type ToldService, toldService } from '../testing/told-service.ts';

let told: ToldService;
let handlers: OperationHandlers;

const plan = planFor([
  { id: 'R1', line: 3 },
  { id: 'R2', line: 4 },
  { id: 'R9', line: 5 },
]);

const ofRun = (event: Happening['event'], runId = 'r_1'): Happening => ({
  stream: streamName('run', runId),
  event,
  projectId: 'p_1',
  runId,
});
const verified = (attemptId: string, passed: boolean): Happening => ({
  ...ofRun(
    {
      type: 'agent.verified',
      data: {
        cycle: 1,
        passed,
        checks: [
          {
            name: 'test',
            command: 'npm test',
            outcome: passed ? 'passed' : 'failed',
            exitCode: 0,
            durationMs: 1,
            passed: 3,
            failed: 0,
            output: null,
          },
        ],
        criteria: [{ criterion: 'It is so.', met: passed, evidence: 'a.test.js' }],
      },
    },
    attemptId.split('.')[0],
  ),
  stream: streamName('agent', asAttemptId(attemptId)),
});

beforeEach(async () => {
  told = await toldService(async (blobs) => [
    ...runStory({ plan: await blobs.put(JSON.stringify(plan)), deadLetter: true }),
    verified('r_1.T1.a1', false),
    verified('r_1.T1.a2', true),
    ofRun({ type: 'task.approved', data: { taskId: 'r_1.T3', comment: 'Good enough.' } }),
  ]);
  handlers = told.handlers;
});
afterEach(() => told.stop());

const context = asker();
const params = { id: 'r_1' };

describe('how a run was verified', () => {
  it('leads from each requirement to its tasks, and from these to what showed that they hold', async () => {
    const answer = await handlers.getRunVerification({ params, query: {}, body: null }, context);
    const { requirements, tasks } = operations.getRunVerification.result.parse(answer);
    expect(requirements).toMatchObject([
      { id: 'R1', line: 3, met: true, taskIds: ['r_1.T1'] },
      { id: 'R2', met: true },
      // Nobody serves it: that is no proof.
      { id: 'R9', met: false, taskIds: [] },
    ]);
    expect(tasks.find(({ key }) => key === 'T1')).toMatchObject({
      verifiedBy: 'checks',
      agentId: 'r_1.T1.a2',
      commit: expect.any(String),
      checks: [{ name: 'test', outcome: 'passed', passed: 3 }],
      criteria: [{ met: true, evidence: 'a.test.js' }],
    });
    // Done, and nobody knows how.
    expect(tasks.find(({ key }) => key === 'T2')).toMatchObject({ verifiedBy: null, checks: [] });
  });

  it('is known to a fork, and to a fork of that, up to where each was forked', async () => {
    const { tell, store } = told;
    const forkOf = async (parentId: string, runId: string): Promise<void> =>
      tell(await forkStory(store, { parentId, runId, at: await store.head() }));
    const verificationOf = async (runId: string) => {
      const { position: _, ...answer } = await handlers.getRunVerification(
        { params: { id: runId }, query: {}, body: null },
        context,
      );
      return answer;
    };
    const asOf = (runId: string, answer: object) =>
      JSON.parse(JSON.stringify(answer).replaceAll(/r_[12]/g, runId));
    const before = await verificationOf('r_1');
    await forkOf('r_1', 'r_2');
    // Too late for the fork.
    await tell([verified('r_1.T1.a2', false), verified('r_1.T2.a1', false)]);
    expect(await verificationOf('r_2')).toEqual(asOf('r_2', before));

    const approved = ofRun({ type: 'task.approved', data: { taskId: 'r_2.T2', comment: 'Seen.' } }, 'r_2');
    await tell([verified('r_2.T2.a1', true), approved]);
    const ofFork = await verificationOf('r_2');
    expect(ofFork.tasks).toMatchObject([
      { key: 'T1', verifiedBy: 'checks' },
      { key: 'T2', verifiedBy: 'operator', approvedBy: 'user:teller', checks: [{ outcome: 'passed' }] },
    ]);
    await forkOf('r_2', 'r_3');
    await tell([verified('r_2.T2.a1', false)]);
    expect(await verificationOf('r_3')).toEqual(asOf('r_3', ofFork));
    expect((await verificationOf('r_1')).tasks).toMatchObject([{ verifiedBy: null }, { verifiedBy: null }]);
  });

  it('says of a requirement whose tasks a fork was told to drop that it is dropped, also in a fork of that', async () => {
    const { tell, store } = told;
    const story = await forkStory(store, { parentId: 'r_1', runId: 'r_2', at: await store.head() });
    const droppedTasks = [taskIdOf(asRunId('r_2'), 'T2')];
    await tell(
      story.flatMap((one) => {
        const { event } = one;
        if (event.type !== 'run.forked') return one;
        const changes = { ...event.data.changes, droppedTasks };
        const forked = { ...one, event: { ...event, data: { ...event.data, changes } } };
        const taskId = 'r_2.T2';
        return [forked, ofRun({ type: 'task.cancelled', data: { taskId, reason: 'Dropped.' } }, 'r_2')];
      }),
    );
    await tell(await forkStory(store, { parentId: 'r_2', runId: 'r_3', at: await store.head() }));
    for (const id of ['r_2', 'r_3']) {
      const asked = { params: { id }, query: {}, body: null };
      const { requirements } = await handlers.getRunVerification(asked, context);
      expect(requirements).toEqual([
        expect.not.objectContaining({ dropped: true }),
        expect.objectContaining({ id: 'R2', met: false, dropped: true, taskIds: [`${id}.T2`] }),
        expect.not.objectContaining({ dropped: true }),
      ]);
      expect(await handlers.getRun(asked, context)).toMatchObject({ requirementsDropped: 1 });
    }
    const asked = { params: { id: 'r_1' }, query: {}, body: null };
    expect(await handlers.getRun(asked, context)).not.toHaveProperty('requirementsDropped');
  });
});
