import type { EventStore } from '@partitura/shared/event-store';
import { asRunId, type Position } from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { type LogVerdict, verifyLog, verifyRun, type Witness, witnessed } from '@partitura/shared/sealing';
import type { ProjectionEngine } from '../engine/engine.ts';
import type { Readers } from '../queries/readers.ts';

export interface VerifyDependencies {
  readonly store: EventStore;
  readonly engine: Pick<ProjectionEngine, 'position'>;
  readonly readers: Readers;
  /** Fingerprints of keys whose seals are good. */
  readonly trusted: ReadonlySet<string>;
}

export const verifyHandlers = (
  { store, engine, readers, trusted }: VerifyDependencies,
  { organizationId }: Pick<CallContext, 'organizationId'>,
): Pick<OperationHandlers, 'verifyAudit'> => ({
  verifyAudit: async ({ query: { after, runId } }) => {
    if (runId === undefined && organizationId !== null) throw wholeInstallationOnly();
    await readers.upTo(after);
    // Taken before the log is looked at: what comes meanwhile is not gone because it was not read.
    const upTo = engine.position();
    if (runId === undefined) {
      const witness = historyOf(readers, upTo, {});
      return told(await verifyLog({ pages: store.examine(), trusted, witness, atRest: false }));
    }
    const { id } = await readers.one('runs', runId);
    return told(await verifyRun(store, asRunId(id), historyOf(readers, upTo, { runId: id })));
  },
});

async function* historyOf(readers: Readers, to: Position, where: { readonly runId?: string }): Witness {
  for await (const page of readers.pages('history', { where, between: { to } }))
    yield page.flatMap(witnessed);
}

const told = (verdict: LogVerdict) => ({ ...verdict, findings: [...verdict.findings] });

const wholeInstallationOnly = (): PartituraError =>
  new PartituraError('INSTALLATION_ONLY', 'The whole log is for whoever runs the installation to verify.', {
    advice: 'Name one of your runs: ?runId=…',
  });
