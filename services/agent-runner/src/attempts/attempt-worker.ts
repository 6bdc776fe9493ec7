import { type EventStore, isRevisionConflict } from '@partitura/shared/event-store';
import type { AgentEvent } from '@partitura/shared/events';
import { type Delivery, type JobQueue, jobHandedBack, type RunningWorker } from '@partitura/shared/job-queue';
import { ModelError } from '@partitura/shared/models';
import type { StreamSession } from '@partitura/shared/processing';
import type { Component, Ids, Logger } from '@partitura/shared/runtime';
import { type Agent, work } from '../agents/agent.ts';
import type { Assignment } from '../agents/assignment.ts';
import type { AgentState } from '../agents/state.ts';
import type { RunView } from '../runs/run-view.ts';
import { serialised } from '../workspaces/serialised.ts';
import { agentStreams } from './agent-streams.ts';
import { type AttemptJob, assignmentOf } from './assignments.ts';
import { attemptFailures } from './attempt-failures.ts';
import { type Equipment, employ } from './employment.ts';
import type { Mailbox } from './mailboxes.ts';
import { isTakeUpMissed, takeUp } from './taking-up.ts';
import { attemptTies, obey } from './ties.ts';

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
  const { queue, clock, logger, views, runner } = dependencies;
  const oneAtATime = serialised();
  const ties = attemptTies(clock, views);
  const { sessionOf, bornAt, requireLast } = agentStreams(dependencies);
  const failures = attemptFailures(runner, { sessionOf });
  let running: RunningWorker | null = null;
  let stopping = false;

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
      if (
        session.state().life === 'finished' ||
        (view.status !== 'running' && session.state().life === 'unborn')
      )
        return;
      if (session.state().life !== 'unborn') await mailbox.catchUp(await bornAt(assignment.attemptId));
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
    const { control, untie } = ties.tie(view, assignment, delivery.signal);
    try {
      const requireClaim = () => requireLast(assignment.attemptId, session.revision());
      const agent = await employ(dependencies, view, assignment, session, control, mailbox, requireClaim);
      await untilItRests(agent).finally(agent.workplace.leave);
      // Whoever resumes a paused run offers the attempt again; this one goes on elsewhere.
      if (control.isResting() && view.status === 'running' && session.state().life !== 'finished')
        throw jobHandedBack(delivery.id);
    } catch (error) {
      // There is no such model, no key for it, no price: no other delivery of the job would change that.
      if (!(error instanceof ModelError)) throw await failures.letGo(session, error);
      await failures.record(view, delivery.payload, error);
    } finally {
      untie();
    }
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

  /**
   * A job that the queue took for lost may come back to this very runner, while the first delivery still winds down: it is looked
   * at once that has ended, since whoever says "done" takes the job off the queue.
   */
  const handle = (delivery: Delivery<AttemptJob>): Promise<void> =>
    oneAtATime(delivery.payload.attemptId, async () => {
      if (delivery.signal.aborted) return;
      if (stopping) throw jobHandedBack(delivery.id);
      await handleAlone(delivery);
    });

  const handleAlone = async (delivery: Delivery<AttemptJob>): Promise<void> => {
    const { runId, attemptId } = delivery.payload;
    try {
      const view = await views.load(runId, ({ attempts }) => attempts.has(attemptId));
      const assignment = assignmentOf(view, delivery.payload);
      if (assignment) await attend(view, assignment, delivery);
    } catch (error) {
      if (isTakeUpMissed(error) && !delivery.signal.aborted) return handleAlone(delivery);
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
    await failures.record(view, payload, error);
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
    stop: async (graceMs) => {
      stopping = true;
      ties.rest();
      await running?.close(graceMs);
    },
  };
};
