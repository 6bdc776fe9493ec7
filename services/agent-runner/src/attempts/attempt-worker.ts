import type { EventStore } from '@partitura/shared/event-store';
import { ConcurrencyError, isRevisionConflict } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asProjectId,
  asRunId,
  beginning,
  type EventMetadata,
  type Position,
  streamName,
} from '@partitura/shared/events';
import type { Delivery, JobQueue, RunningWorker } from '@partitura/shared/job-queue';
import { ModelError } from '@partitura/shared/models';
import { openSession, type StreamSession } from '@partitura/shared/processing';
import { type Component, type Ids, type Logger, PartituraError } from '@partitura/shared/runtime';
import { type Agent, released, work } from '../agents/agent.ts';
import type { Assignment } from '../agents/assignment.ts';
import { type AttemptControl, attemptControl } from '../agents/control.ts';
import { deadlines } from '../agents/deadlines.ts';
import { failed } from '../agents/endings.ts';
import { evolve } from '../agents/evolve.ts';
import { type AgentState, unborn } from '../agents/state.ts';
import type { RunView } from '../runs/run-view.ts';
import { serialised } from '../workspaces/serialised.ts';
import { type AttemptJob, assignmentOf } from './assignments.ts';
import { type Equipment, employ } from './employment.ts';
import type { Mailbox } from './mailboxes.ts';

export const attemptsQueue = 'attempts';

export interface AttemptWorkerDependencies extends Equipment {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Attempts at the same time in this process. */
  readonly concurrency: number;
}

const retry = { maxDeliveries: 5, backoffMs: 500, maxBackoffMs: 30_000 };
/** A killed runner's attempts are with another one after this long. */
const lockMs = 10_000;

/**
 * Takes attempts off the queue and works them. Creating the agent's stream is the claim; a stream that exists and is not
 * finished is taken up where it stops.
 */
export const attemptWorker = (dependencies: AttemptWorkerDependencies): Component => {
  const { store, queue, ids, clock, logger, views, runner } = dependencies;
  const oneAtATime = serialised();
  const expiries = deadlines(clock);
  let running: RunningWorker | null = null;

  const sessionOf = (attemptId: string, view: RunView) =>
    openSession<AgentState, AgentEvent>({
      store,
      clock,
      ids,
      stream: streamName('agent', attemptId),
      metadata: metadataOf(attemptId, view),
      initial: unborn,
      evolve,
    });

  const attend = async (
    view: RunView,
    assignment: Assignment,
    delivery: Delivery<AttemptJob>,
  ): Promise<void> => {
    // Open before the claim: what is sent from then on is not missed.
    const mailbox = dependencies.mailboxes.open(assignment);
    try {
      const session = await sessionOf(assignment.attemptId, view);
      // Nobody begins while the run is paused or over; the orchestrator offers the attempt again when it goes on.
      if (session.state().life === 'finished' || (view.status !== 'running' && session.revision() < 0))
        return;
      if (session.revision() >= 0) await mailbox.catchUp(await bornAt(assignment.attemptId));
      await takeUp(session, delivery.signal, () => serve(view, assignment, delivery, session, mailbox));
    } finally {
      mailbox.close();
    }
  };

  const serve = async (
    view: RunView,
    assignment: Assignment,
    delivery: Delivery<AttemptJob>,
    session: StreamSession<AgentState, AgentEvent>,
    mailbox: Mailbox,
  ): Promise<void> => {
    const { control, untie } = tie(view, assignment, delivery.signal);
    try {
      const requireClaim = () => requireLast(assignment.attemptId, session.revision());
      const agent = await employ(dependencies, view, assignment, session, control, mailbox, requireClaim);
      await untilItRests(agent).finally(agent.workplace.leave);
    } catch (error) {
      // There is no such model, no key for it, no price: no other delivery of the job would change that.
      if (!(error instanceof ModelError)) throw await letGo(session, error);
      await recordFailure(view, delivery.payload, error);
    } finally {
      untie();
    }
  };

  /**
   * Who had the attempt before may have had a last word (that it lets go, what a tool said) between the reading and the taking up.
   * The job is still this runner's, so it reads on: to call it done would leave the attempt to nobody.
   * @throws {PartituraError} TAKE_UP_MISSED
   */
  const takeUp = async (
    session: StreamSession<AgentState, AgentEvent>,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> => {
    const before = session.revision();
    try {
      await work();
    } catch (error) {
      const missed = before >= 0 && session.revision() === before && !signal.aborted;
      throw isRevisionConflict(error) && missed ? takeUpMissed(error) : error;
    }
  };

  const bornAt = async (attemptId: string): Promise<Position> => {
    for await (const [first] of store.readStream(streamName('agent', attemptId), { limit: 1 }))
      if (first) return first.position;
    return beginning;
  };

  /** What no append would tell: whether somebody else took the attempt over. @throws {ConcurrencyError} */
  const requireLast = async (attemptId: string, revision: number): Promise<void> => {
    const stream = streamName('agent', attemptId);
    for await (const [later] of store.readStream(stream, { from: revision + 1, limit: 1 }))
      if (later) throw new ConcurrencyError(stream, revision, later.revision);
  };

  /**
   * A pause may be taken back while the agent comes to rest. Whoever offered the attempt again meanwhile was told that it is at
   * work here, and will not offer it once more: so the run is read to its end before the attempt is left.
   */
  const untilItRests = async (agent: Agent): Promise<void> => {
    const { assignment, control } = agent;
    while ((await work(agent)) === 'released' && !control.interruption()) {
      obey(await views.load(assignment.runId, () => false), assignment, control);
      if (control.isPaused() || control.interruption()) return;
    }
  };

  /** Ties an attempt to its run, its deadline and its job. */
  const tie = (view: RunView, assignment: Assignment, signal: AbortSignal) => {
    const deadline = Date.parse(view.attempts.get(assignment.attemptId)?.deadlineAt ?? '');
    const control = attemptControl(
      clock,
      expiries,
      Number.isNaN(deadline) ? Number.POSITIVE_INFINITY : deadline,
    );
    const look = () => obey(view, assignment, control);
    const unwatch = views.watch(assignment.runId, look);
    const shutDown = () => control.interrupt({ kind: 'shutdown' });
    signal.addEventListener('abort', shutDown, { once: true });
    if (signal.aborted) shutDown();
    look();
    const untie = (): void => {
      unwatch();
      control.close();
      signal.removeEventListener('abort', shutDown);
    };
    return { control, untie };
  };

  /** A failure of our own is not the agent's: it is let go of, so that the next delivery does not take it for a crash. */
  const letGo = async (session: StreamSession<AgentState, AgentEvent>, error: unknown): Promise<unknown> => {
    if (isRevisionConflict(error) || session.state().life !== 'working') return error;
    try {
      await session.append([released(runner, 'failed', messageOf(error))]);
    } catch {
      // Then it looks like a crash, which is what a log that cannot be written to is.
    }
    return error;
  };

  /**
   * A job that the queue took for lost may come back to this very runner, while the first delivery still winds down: it is looked
   * at once that has ended, since whoever says "done" takes the job off the queue.
   */
  const handle = (delivery: Delivery<AttemptJob>): Promise<void> =>
    oneAtATime(delivery.payload.attemptId, () => handleAlone(delivery));

  const handleAlone = async (delivery: Delivery<AttemptJob>): Promise<void> => {
    const { runId, attemptId } = delivery.payload;
    if (delivery.signal.aborted) return;
    try {
      const view = await views.load(runId, ({ attempts }) => attempts.has(attemptId));
      const assignment = assignmentOf(view, delivery.payload);
      if (assignment) await attend(view, assignment, delivery);
    } catch (error) {
      if (isTakeUpMissed(error)) return handleAlone(delivery);
      // Another runner has it: that is how a claim that was lost looks, and a runner that was replaced.
      if (!isRevisionConflict(error)) throw error;
      logger.debug({ attemptId }, 'Another runner has the attempt.');
    }
  };

  /** However often it was tried, it does not work here: the run has to hear of it. */
  const giveUp = async ({ payload }: Delivery<AttemptJob>, error: unknown): Promise<void> => {
    const { runId, attemptId } = payload;
    logger.error({ runId, attemptId, error }, 'The attempt was given up.');
    const view = await views.load(runId, ({ attempts }) => attempts.has(attemptId));
    await recordFailure(view, payload, error);
  };

  const recordFailure = async (
    view: RunView,
    { attemptId, taskId }: AttemptJob,
    error: unknown,
  ): Promise<void> => {
    const scheduled = view.attempts.get(attemptId);
    const session = await sessionOf(attemptId, view);
    if (!scheduled || session.state().life === 'finished') return;
    const { agentType, model, attempt, reservation } = scheduled;
    const spawned: AgentEvent = {
      type: 'agent.spawned',
      data: { taskId, attempt, agentType, model, runner, allowance: reservation, branch: null },
    };
    const code = error instanceof PartituraError ? error.code : 'RUNNER_FAILED';
    const ending = failed(session.state(), { taskId }, { code, message: messageOf(error) });
    await session.append(session.revision() < 0 ? [spawned, ending] : [ending]);
  };

  return {
    name: 'agent-runner.attempts',
    start: async () => {
      running = await queue.work<AttemptJob>({
        queue: attemptsQueue,
        lockMs,
        concurrency: dependencies.concurrency,
        retry,
        handle,
        onGivenUp: (delivery, error) => {
          giveUp(delivery, error).catch((failure: unknown) => {
            logger.error(
              { error: failure, attemptId: delivery.id },
              'That an attempt was given up could not be recorded.',
            );
          });
        },
      });
    },
    stop: async (graceMs) => running?.close(graceMs),
  };
};

const takeUpMissed = (cause: unknown): PartituraError =>
  new PartituraError('TAKE_UP_MISSED', 'The attempt went on while it was being taken up.', { cause });
const isTakeUpMissed = (error: unknown): boolean =>
  error instanceof PartituraError && error.code === 'TAKE_UP_MISSED';

/** What the run says now: paused, over, or on. */
const obey = (view: RunView, { taskId }: Assignment, control: AttemptControl): void => {
  const reason = view.cancelledTasks.get(taskId);
  if (reason !== undefined) control.interrupt({ kind: 'cancelled', reason });
  else if (view.status === 'cancelled' || view.status === 'ended') {
    control.interrupt({ kind: 'cancelled', reason: view.statusDetail || 'The run is over.' });
  } else {
    control.setPaused(view.status === 'paused');
    control.wake();
  }
};

const metadataOf = (attemptId: string, { runId, projectId, owner }: RunView): EventMetadata => ({
  source: '/agent-runner',
  actor: `agent:${attemptId}`,
  correlationId: runId,
  causationId: null,
  ...owner,
  projectId: asProjectId(projectId),
  runId: asRunId(runId),
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
