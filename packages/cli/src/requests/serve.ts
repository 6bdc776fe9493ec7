import { openSession, type Session } from '../connection/session.ts';
import { type Context, configurationOf } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Paper } from '../reports/run-report.ts';
import { penOf } from '../screen/symbols.ts';

/** Opens a session, does the work in it, and closes it whatever happens. */
export const inSession = async (
  context: Context,
  mode: 'work' | 'look',
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const configuration = await configurationOf(context);
  const session = await openSession({ configuration, version: context.version, mode });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
};

export const paperOf = ({ terminal }: Context): Paper => ({
  pen: penOf(terminal),
  width: terminal.width(),
  now: Date.now(),
});

/** Lines for people are written with the signs that the terminal has. */
export const written = ({ terminal }: Context, lines: readonly string[]): readonly string[] =>
  lines.map((line) => penOf(terminal).plain(line));
