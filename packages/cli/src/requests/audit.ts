import { acquireDataDirectory } from '@partitura/shared/event-store';
import { asRunId } from '@partitura/shared/events';
import { dataPaths, isLocal, trustedFingerprints } from '@partitura/shared/hosting';
import { type LoadedConfiguration, systemClock } from '@partitura/shared/runtime';
import {
  type LocalLog,
  type LogVerdict,
  runsInLocalLog,
  verifyLocalLog,
  verifyLocalRun,
} from '@partitura/shared/sealing';
import { resolveRun, theOne } from '../connection/resolve-id.ts';
import { findServer } from '../connection/session.ts';
import { type Context, configurationOf } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { penOf } from '../screen/symbols.ts';
import { inSession } from './serve.ts';

/** `audit verify [RUN]`: asks who serves; else looks at the files, and starts nothing on a log that may be damaged. */
export const verifyAudit = async (given: string | undefined, context: Context) => {
  const configuration = await configurationOf(context);
  const byFiles = isLocal(configuration.values, 'eventStoreUrl');
  const served = await findServer(configuration);
  if (served === null && byFiles) return report(await verifyFiles(configuration, given), context);
  await served?.close();
  return inSession(context, 'look', async ({ client }) => {
    const query = given === undefined ? {} : { runId: await resolveRun(client, given) };
    return report(await client.call('verifyAudit', { query }), context);
  });
};

const verifyFiles = async (
  { values }: LoadedConfiguration,
  given: string | undefined,
): Promise<LogVerdict> => {
  const { events, readModels } = dataPaths(values.data, values);
  const log = { events, readModels };
  // Nobody may begin to write while it is read.
  const directory = await acquireDataDirectory(values.data, { clock: systemClock });
  try {
    return given === undefined
      ? await verifyLocalLog(log, await trustedFingerprints(values))
      : await verifyLocalRun(log, asRunId(meantIn(log, given)));
  } finally {
    await directory.release();
  }
};

/** In a log that cannot be read no run can be looked for: what is wrong with it is told, whichever was meant. */
const meantIn = (log: LocalLog, given: string): string => {
  const runs = runsInLocalLog(log);
  return runs === null ? given : theOne('run', given, runs);
};

const report = (verdict: LogVerdict, { output, terminal }: Context) => {
  const pen = penOf(terminal);
  output.result(verdict, () => linesOf(verdict).map((line) => pen.plain(line)));
  return verdict.intact ? exitCodes.done : exitCodes.failedChecks;
};

/** Of a file that cannot be read at all every event is missing. */
const shown = 20;

const linesOf = (verdict: LogVerdict): readonly string[] => {
  const { intact, events, streams, seals, unsealed, witnessed, findings, more } = verdict;
  const rest = unsealed === 0 ? '' : `, ${unsealed} of them not sealed yet`;
  const compared = witnessed === null ? '' : `; ${witnessed} compared with the read models`;
  const looked = `${events} events in ${streams} streams, ${seals} seals${rest}${compared}`;
  if (intact) return [`✓ Nothing is found: ${looked}.`];
  return [
    ...findings.slice(0, shown).map(({ kind, position, eventId, sentence }) => {
      const place = [position, eventId].flatMap((part) => part ?? []).join(' ');
      return `✗ ${kind}${place === '' ? '' : ` at ${place}`}: ${sentence}`;
    }),
    ...(findings.length > shown ? [`… and ${findings.length - shown} more: see --json.`] : []),
    `${findings.length}${more ? ' or more' : ''} found: ${looked}.`,
  ];
};
